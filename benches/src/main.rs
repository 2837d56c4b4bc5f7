//! How fast, next to what. `cd benches && cargo run --release` prints one table; `-- --sigma FOLDER` adds the rules of
//! a SigmaHQ checkout, for Trailpost and for rsigma alike; `--only TEXT` runs the lines that contain the text, `--costs`
//! shows what each rule costs that is judged on every event, and `--records N --turns N` make it short, as for a
//! profiler.
//!
//! The last lines are of whole commands, from start to end, on files as a trail writes them: of the `trailpost` that
//! `cargo build --release` made, or of `--command PATH`. The command takes all processors; its yardsticks take one.
//! Everything else runs on one thread, in turns, and the best of several turns counts: what disturbs a turn only ever
//! makes it slower. Ratios are within one run, so they carry over to other machines better than the times do.

mod command;
mod data;
mod judging;
mod turns;
mod yardsticks;

use std::path::PathBuf;
use std::time::Duration;

use data::{Data, Kind};
use judging::{Judge, Rules};
use turns::{Row, best_of};

const RECORDS: usize = 40_000;
const TURNS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option =
        |name: &str| arguments.iter().position(|each| each == name).and_then(|at| arguments.get(at + 1));
    let sigma = option("--sigma").map(PathBuf::from);
    let number = |name: &str| option(name).and_then(|text| text.parse().ok());
    let data = Data::new(number("--records").unwrap_or(RECORDS), Kind::Roles);
    let mixed = Data::new(data.records, Kind::Callers);
    let account = Data::new(data.records, Kind::Account);
    println!(
        "{} records, {:.0} bytes each, {:.1} MB, {:.1} MB packed\n",
        data.records,
        data.plain.len() as f64 / data.records as f64,
        data.plain.len() as f64 / 1e6,
        data.packed.len() as f64 / 1e6
    );

    let builtin = Judge::new(&Rules::builtin());
    println!("{} of {} rules are judged on every event\n", builtin.always(), builtin.count());
    if arguments.iter().any(|each| each == "--costs") {
        return judging::costs(&data.plain, data.records);
    }
    let (ten, fifty) = if option("--only").is_none() { (10, 50) } else { (1, 1) };
    let (ten, fifty) = (Judge::new(&Rules::builtin().times(ten)), Judge::new(&Rules::builtin().times(fifty)));
    let both = sigma.as_deref().map(|folder| Judge::new(&Rules::builtin().and(folder)));
    let only = sigma.as_deref().map(|folder| Judge::new(&Rules::from(folder)));
    let rsigma = sigma.as_deref().map(yardsticks::Rsigma::new);
    let mut contenders: Vec<(String, Box<dyn FnMut() -> usize + '_>)> = vec![
        ("gunzip (zlib-rs)".into(), Box::new(|| yardsticks::gunzip(&data.packed))),
        ("one pass of simd-json (tape)".into(), Box::new(|| yardsticks::simd_json(&data.plain))),
        ("one pass of sonic-rs (value)".into(), Box::new(|| yardsticks::sonic(&data.plain))),
        ("serde_json::Value".into(), Box::new(|| yardsticks::serde(&data.plain))),
        ("Trailpost reads".into(), Box::new(|| judging::read(&data.plain))),
        (format!("Trailpost judges, {} rules", builtin.count()), Box::new(|| builtin.judge(&data.plain))),
        ("Trailpost judges, packed".into(), Box::new(|| builtin.judge(&data.packed))),
        ("Callers of all kinds: Trailpost reads".into(), Box::new(|| judging::read(&mixed.plain))),
        ("Callers of all kinds: Trailpost judges".into(), Box::new(|| builtin.judge(&mixed.plain))),
        ("An account's day: Trailpost judges".into(), Box::new(|| builtin.judge(&account.plain))),
    ];
    contenders
        .push((format!("Trailpost judges, {} rules", ten.count()), Box::new(|| ten.judge(&data.plain))));
    contenders
        .push((format!("Trailpost judges, {} rules", fifty.count()), Box::new(|| fifty.judge(&data.plain))));
    if let (Some(both), Some(only), Some(rsigma)) = (&both, &only, &rsigma) {
        contenders.push((
            format!("Trailpost judges, with SigmaHQ, {} rules", both.count()),
            Box::new(|| both.judge(&data.plain)),
        ));
        contenders.push((
            format!("Trailpost judges, SigmaHQ alone, {} rules", only.count()),
            Box::new(|| only.judge(&data.plain)),
        ));
        contenders.push((
            format!("rsigma, SigmaHQ alone, {} rules", rsigma.count()),
            Box::new(|| rsigma.judge(&data.plain)),
        ));
    }
    if let Some(only) = option("--only") {
        contenders.retain(|(name, _)| name.contains(only.as_str()));
    }
    let times = best_of(number("--turns").unwrap_or(TURNS), &mut contenders);
    let named = |start: &str| {
        times.iter().find(|(name, _, _)| name.starts_with(start)).map_or(Duration::ZERO, |row| row.1)
    };
    let parse = named("one pass of simd-json").min(named("one pass of sonic-rs"));
    println!("{:55} {:>9} {:>11} {:>9} {:>8}", "", "ms", "µs/record", "MB/s", "matches");
    for (name, time, matches) in &times {
        println!("{}", Row { name, time: *time, matches: *matches, data: &data });
    }
    let yardstick = named("gunzip") + parse;
    println!(
        "\njudging a packed file / (gunzip + fastest JSON pass): {:.2}",
        ratio(named("Trailpost judges, packed"), yardstick)
    );
    println!(
        "judging a plain file / fastest JSON pass:             {:.2}",
        ratio(named("Trailpost judges,"), parse)
    );
    judging::load();
    command::table(
        option("--command").map(PathBuf::from),
        data.records * 5,
        number("--turns").unwrap_or(TURNS),
    );
}

fn ratio(time: Duration, yardstick: Duration) -> f64 {
    time.as_secs_f64() / yardstick.as_secs_f64()
}
