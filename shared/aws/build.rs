//! Packs `catalog/models/*.json`, so that the program carries the models it was built with.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../catalog/models").canonicalize()?;
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut packed = String::from("&[\n");
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        writeln!(packed, "    ({name:?}, include_str!({:?})),", file.display().to_string())?;
    }
    packed.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("models.rs"), packed)?;
    Ok(())
}
