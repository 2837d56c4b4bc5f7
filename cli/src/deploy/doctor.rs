//! `trailpost deploy doctor`: what is in order of a stack and its account, what is not, and the fix.

mod answers;
mod check;
mod checks;
mod look;
mod producers;
mod show;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws::SetupError;
use aws::model::partition_of;
use engine::ports::Aws;

use self::answers::Answers;
use self::check::{Check, Status, Verdict};
use self::checks::clock;
use self::look::{Look, Subject};
use self::producers::{Doors, Own, Wanted};
use super::way::{Way, reach};
use crate::args::Doctor;
use crate::exit::{Ending, Failure};

/// A check and what it says.
type Judged = (&'static Check, Verdict);

pub(super) fn run(args: &Doctor) -> Result<Ending, Failure> {
    let checks = chosen(&args.check)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (subject, judged) = runtime.block_on(async {
        let Way { reader, place, config } = match reach(&args.way).await {
            Ok(way) => way,
            Err(error @ SetupError::Clock { .. }) => return Ok((nowhere(args), unsigned(&checks, &error))),
            Err(error) => return Err(Failure::usage(error.to_string())),
        };
        let partition = partition_of(&place.region).ok_or_else(|| {
            Failure::usage(format!("region {} is in a partition that is not read", place.region))
        })?;
        let subject = Subject {
            stack: args.way.stack.clone(),
            account: place.account,
            region: place.region,
            partition: partition.name,
            home: partition.home,
        };
        let doors = Own { reader: Arc::new(reader), config };
        let judged = judge(&doors, &subject, &checks, &Wanted::from(args)).await;
        Ok::<_, Failure>((subject, judged))
    })?;
    show::write(&mut anstream::stdout().lock(), &subject, &judged, args)?;
    Ok(ending(&judged))
}

/// The checks that are named, or all.
fn chosen(ids: &[String]) -> Result<Vec<&'static Check>, Failure> {
    if let Some(unknown) = ids.iter().find(|id| !checks::all().any(|check| check.id == **id)) {
        return Err(Failure::usage(format!("there is no check `{unknown}`; `--all` shows all of them")));
    }
    Ok(checks::all().filter(|check| ids.is_empty() || ids.iter().any(|id| id == check.id)).collect())
}

/// Asks the account until every check has what it needs, and then the producers, if a check is about them.
async fn judge(
    doors: &dyn Doors,
    subject: &Subject,
    checks: &[&'static Check],
    wanted: &Wanted,
) -> Vec<Judged> {
    let aws = doors.aws();
    let about = |check: &&'static Check| checks::producers::checks().iter().any(|one| one.id == check.id);
    let (of_producers, others): (Vec<_>, Vec<_>) = checks.iter().copied().partition(about);
    let mut answers = Answers::default();
    let mut judged = told(&others, subject, &mut answers, aws.as_ref()).await;
    if !of_producers.is_empty() {
        let seen = producers::look(doors, subject, &mut answers, wanted).await;
        let look =
            |check: &Check| Look { subject, answers: &answers, producers: Some(&seen), check: check.id };
        judged.extend(of_producers.into_iter().map(|check| (check, (check.judge)(&look(check)))));
    }
    judged
}

/// What checks say once the account has answered all that they ask.
async fn told(
    checks: &[&'static Check],
    subject: &Subject,
    answers: &mut Answers,
    aws: &dyn Aws,
) -> Vec<Judged> {
    loop {
        let look = Look { subject, answers, producers: None, check: "" };
        let judged: Vec<_> = checks.iter().map(|check| (*check, (check.judge)(&look))).collect();
        if !answers.ask(aws, &subject.account).await {
            return judged;
        }
    }
}

/// The stack that is meant, where nobody says whose account it is in.
fn nowhere(args: &Doctor) -> Subject {
    Subject {
        stack: args.way.stack.clone(),
        account: "(unknown)".into(),
        region: args.way.region.clone().unwrap_or_else(|| "(unknown)".into()),
        partition: String::new(),
        home: String::new(),
    }
}

/// What checks say where AWS takes no signature: that of the clock what is wrong, and the others that they saw nothing.
fn unsigned(checks: &[&'static Check], error: &SetupError) -> Vec<Judged> {
    let ahead = match error {
        SetupError::Clock { ahead, .. } => ahead.and_then(clock::skewed),
        _ => None,
    };
    let says = |check: &&'static Check| {
        let looked = if check.id == clock::ID {
            Ok(Some(ahead.clone().unwrap_or_else(|| error.to_string())))
        } else {
            Err(answers::Hole::Unknown("AWS takes no signature of a clock that is off".to_owned()))
        };
        (*check, Verdict::one(looked))
    };
    checks.iter().map(says).collect()
}

fn ending(judged: &[Judged]) -> Ending {
    match judged.iter().map(|(_, verdict)| verdict.status()).min() {
        Some(Status::Wrong) => Ending::Findings,
        Some(Status::Unknown) => Ending::Incomplete,
        _ => Ending::Clean,
    }
}
