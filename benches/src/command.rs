//! Whole commands: how long they take from start to end, and what memory at most.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::data;

/// So many records are in a file.
const EACH: usize = 5_000;

/// How often a command is asked how much memory it has taken.
const ASKED: Duration = Duration::from_millis(5);

/// A command, and what is made anew before each run.
struct Contender {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    fresh: Option<PathBuf>,
}

/// Prints what whole commands take, the yardsticks first. `command`: the program, where it is not that of this checkout.
pub(crate) fn table(command: Option<PathBuf>, records: usize, turns: usize) {
    let command =
        command.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/trailpost"));
    if !command.is_file() {
        println!(
            "\n{} is not there: `cargo build --release` makes it, then whole commands are timed, too",
            command.display()
        );
        return;
    }
    let folder = std::env::temp_dir().join(format!("trailpost-benches-{}", std::process::id()));
    let logs = folder.join("logs");
    fs::create_dir_all(&logs).expect("a folder for temporary files");
    let names: Vec<String> = data::files(records, EACH)
        .iter()
        .enumerate()
        .map(|(number, file)| {
            let path = logs.join(format!("{number:04}.json.gz"));
            fs::write(&path, file).expect("room for temporary files");
            path.display().to_string()
        })
        .collect();
    let store = folder.join("store.sqlite");
    let detect = |more: &[&str]| {
        let mut arguments = vec!["detect".to_owned(), logs.display().to_string()];
        arguments.extend(more.iter().map(|&each| each.to_owned()));
        arguments.extend(["--store".to_owned(), format!("sqlite:{}", store.display())]);
        arguments
    };
    let python = "import gzip, json, sys\nfor name in sys.argv[1:]: json.load(gzip.open(name))";
    let contenders = [
        contender("gzip -dc", "gzip", ["-dc".to_owned()].into_iter().chain(names.clone()), None),
        contender(
            "python: gzip, json",
            "python3",
            ["-c".to_owned(), python.to_owned()].into_iter().chain(names),
            None,
        ),
        contender("trailpost detect --matches", &command, detect(&["--matches"]), None),
        contender("trailpost detect, into a new store", &command, detect(&[]), Some(&store)),
        contender("trailpost detect -o ndjson, the same again", &command, detect(&["-o", "ndjson"]), None),
    ];
    let mut best = contenders.each_ref().map(|_| (Duration::MAX, 0));
    for _ in 0..turns {
        for (contender, best) in contenders.iter().zip(&mut best) {
            if let Some((time, memory)) = contender.run() {
                *best = (best.0.min(time), best.1.max(memory));
            }
        }
    }
    println!(
        "\nwhole commands, {records} records in files of {EACH}{:9} {:>9} {:>11} {:>9} {:>8}",
        "", "ms", "µs/record", "MiB", "gzip -dc"
    );
    let yardstick = best[0].0;
    for (contender, (time, memory)) in
        contenders.iter().zip(best).filter(|(_, (time, _))| *time < Duration::MAX)
    {
        let seconds = time.as_secs_f64();
        println!(
            "{:55} {:9.1} {:11.2} {:9} {:8.2}",
            contender.name,
            seconds * 1e3,
            seconds * 1e6 / records as f64,
            memory >> 10,
            seconds / yardstick.as_secs_f64()
        );
    }
    fs::remove_dir_all(&folder).expect("a folder of temporary files");
}

fn contender(
    name: &'static str,
    program: impl Into<PathBuf>,
    arguments: impl IntoIterator<Item = String>,
    fresh: Option<&Path>,
) -> Contender {
    let arguments = arguments.into_iter().collect();
    Contender { name, program: program.into(), arguments, fresh: fresh.map(Path::to_owned) }
}

impl Contender {
    /// Runs it and says how long that took, and how many KiB it had at most; nothing where there is no such program.
    fn run(&self) -> Option<(Duration, u64)> {
        for end in ["", "-wal", "-shm"] {
            if let Some(fresh) = &self.fresh {
                let _ = fs::remove_file(format!("{}{end}", fresh.display()));
            }
        }
        let start = Instant::now();
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let process = child.id();
        let runs = AtomicBool::new(true);
        std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut most = 0;
                while runs.load(Ordering::Relaxed) {
                    most = memory(process).unwrap_or_default().max(most);
                    std::thread::sleep(ASKED);
                }
                most
            });
            child.wait().expect("a process of one's own");
            let took = start.elapsed();
            runs.store(false, Ordering::Relaxed);
            Some((took, watching.join().expect("a thread that only reads")))
        })
    }
}

/// The most memory that a process had, in KiB, where Linux tells.
fn memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
