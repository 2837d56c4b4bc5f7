//! `trailpost deploy doctor`: what is in order of a stack and its account, what is not, and the fix.

mod answers;
mod check;
mod checks;
mod look;
mod show;
#[cfg(test)]
mod tests;

use aws::model::partition_of;
use engine::ports::Aws;

use self::answers::Answers;
use self::check::{Check, Status, Verdict};
use self::look::{Look, Subject};
use super::way::{Way, connect};
use crate::args::Doctor;
use crate::exit::{Ending, Failure};

/// A check and what it says.
type Judged = (&'static Check, Verdict);

pub(super) fn run(args: &Doctor) -> Result<Ending, Failure> {
    let checks = chosen(&args.check)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (subject, judged) = runtime.block_on(async {
        let Way { reader, place } = connect(&args.way).await?;
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
        let judged = judge(&reader, &subject, &checks).await;
        Ok::<_, Failure>((subject, judged))
    })?;
    show::write(&mut anstream::stdout().lock(), &subject, &judged, args)?;
    Ok(ending(&judged))
}

/// The checks that are named, or all.
fn chosen(ids: &[String]) -> Result<Vec<&'static Check>, Failure> {
    let all = || checks::CHECKS.iter().copied().flatten();
    if let Some(unknown) = ids.iter().find(|id| !all().any(|check| check.id == **id)) {
        return Err(Failure::usage(format!("there is no check `{unknown}`; `--all` shows all of them")));
    }
    Ok(all().filter(|check| ids.is_empty() || ids.iter().any(|id| id == check.id)).collect())
}

/// Asks the account until every check has what it needs.
async fn judge(aws: &dyn Aws, subject: &Subject, checks: &[&'static Check]) -> Vec<Judged> {
    let mut answers = Answers::default();
    loop {
        let look = Look { subject, answers: &answers };
        let judged: Vec<_> = checks.iter().map(|check| (*check, (check.judge)(&look))).collect();
        if !answers.ask(aws, &subject.account).await {
            return judged;
        }
    }
}

fn ending(judged: &[Judged]) -> Ending {
    match judged.iter().map(|(_, verdict)| verdict.status()).min() {
        Some(Status::Wrong) => Ending::Findings,
        Some(Status::Unknown) => Ending::Incomplete,
        _ => Ending::Clean,
    }
}
