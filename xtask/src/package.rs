//! `target/package/<architecture>`: the functions as zips, and a template that names them, so that whoever deploys needs no
//! Rust.

use std::fmt::Write as _;
use std::io::{self, Cursor, Write as _};
use std::path::Path;
use std::process::Command;
use std::{fs, str};

use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;

/// What keeps the package from being made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such architecture.
    #[error("{0:?} is no architecture of Lambda; write arm64 or x86_64")]
    Architecture(String),
    /// A file, or a program that does not start.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// The compiler has said why.
    #[error(
        "cargo lambda build failed; arm64 needs `rustup target add aarch64-unknown-linux-gnu` and ziglang"
    )]
    Build,
    /// A zip that cannot be written.
    #[error("{0}: {1}")]
    Zip(String, zip::result::ZipError),
    /// The template is not as it was.
    #[error("template.yaml has no line `{0}`")]
    Template(String),
}

/// Builds every function for `architecture` and packs it.
pub(crate) fn make(root: &Path, architecture: &str) -> Result<String, Error> {
    let flags: &[&str] = match architecture {
        "arm64" => &["--arm64"],
        // As `sam build` does where the machine is one: no cross-compiler.
        "x86_64" if cfg!(target_arch = "x86_64") => &[],
        "x86_64" => &["--x86-64"],
        other => return Err(Error::Architecture(other.to_owned())),
    };
    let text = read(&root.join("template.yaml"))?;
    let functions = functions(&text);
    let built = root.join("target/package").join(format!("{architecture}-built"));
    // Below `functions`, whose settings make small binaries.
    let mut cargo = Command::new("cargo");
    cargo.args(["lambda", "build", "--release", "--lambda-dir"]).arg(&built).args(flags);
    cargo.arg("--manifest-path").arg(root.join("Cargo.toml"));
    for function in &functions {
        cargo.args(["--package", function, "--bin", function]);
    }
    let folder = root.join("functions");
    let status = cargo.current_dir(&folder).status().map_err(failed(&folder))?;
    if !status.success() {
        return Err(Error::Build);
    }
    let package = root.join("target/package").join(architecture);
    fs::create_dir_all(&package).map_err(failed(&package))?;
    let mut sums = String::new();
    for function in &functions {
        let program = built.join(function).join("bootstrap");
        let bytes = fs::read(&program).map_err(failed(&program))?;
        let name = format!("{function}.zip");
        let packed = zipped(&bytes).map_err(|error| Error::Zip(name.clone(), error))?;
        for byte in Sha256::digest(&packed) {
            write!(sums, "{byte:02x}").ok();
        }
        writeln!(sums, "  {name}").ok();
        write(&package.join(name), &packed)?;
    }
    write(&package.join("template.yaml"), packaged(&text, &functions, architecture)?.as_bytes())?;
    // What `sam deploy` is told where it is built, such as that the template makes roles.
    let settings = "samconfig.toml";
    write(&package.join(settings), read(&root.join(settings))?.as_bytes())?;
    write(&package.join("SHA256SUMS"), sums.as_bytes())?;
    Ok(format!("{} functions, template.yaml and samconfig.toml in {}", functions.len(), package.display()))
}

/// The functions that the template builds, in its order.
fn functions(template: &str) -> Vec<&str> {
    template.lines().filter_map(|line| line.trim().strip_prefix("CodeUri: functions/")).collect()
}

/// The template, with zips in the place of what is built.
fn packaged(template: &str, functions: &[&str], architecture: &str) -> Result<String, Error> {
    let is_built = |line: &&str| {
        let line = line.trim();
        !line.starts_with("BuildMethod: ") && !line.starts_with("BuildProperties: ")
    };
    let mut text: String = template.lines().filter(is_built).flat_map(|line| [line, "\n"]).collect();
    for function in functions {
        text =
            text.replace(&format!("CodeUri: functions/{function}\n"), &format!("CodeUri: {function}.zip\n"));
    }
    let default = "    Default: arm64\n";
    if !text.contains(default) {
        return Err(Error::Template(default.trim().to_owned()));
    }
    Ok(text.replace(default, &format!("    Default: {architecture}\n")))
}

/// A zip as Lambda takes it. It has no times, so that the same program makes the same zip.
fn zipped(program: &[u8]) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("bootstrap", SimpleFileOptions::DEFAULT.unix_permissions(0o755))?;
    archive.write_all(program)?;
    Ok(archive.finish()?.into_inner())
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(failed(path))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(failed(path))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error {
    let name = path.display().to_string();
    move |error| Error::File(name.clone(), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> String {
        read(&crate::root().join("template.yaml")).unwrap()
    }

    #[test]
    fn every_function_of_the_template_is_packed() {
        let template = template();
        let functions = functions(&template);

        let packaged = packaged(&template, &functions, "x86_64").unwrap();

        assert!(functions.len() >= 6);
        for function in functions {
            assert!(packaged.contains(&format!("CodeUri: {function}.zip\n")), "{function}");
        }
        for gone in ["CodeUri: functions/", "BuildMethod", "BuildProperties", "Default: arm64"] {
            assert!(!packaged.contains(gone), "{gone}");
        }
    }

    #[test]
    fn the_same_program_makes_the_same_zip() {
        assert_eq!(zipped(b"program").unwrap(), zipped(b"program").unwrap());
    }
}
