//! The clock on the wall: quiet hours, and when digests are due.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use model::Timestamp;

/// How often something is told together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Every {
    /// At each full hour.
    Hour,
    /// Once a day.
    Day,
}

/// When people are at work, and when they are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hours {
    pub(super) zone: TimeZone,
    /// When the daily digest is due.
    pub(super) daily_at: Time,
    /// From when to when nobody is disturbed; over midnight where the end is not after the beginning.
    pub(super) quiet: Option<(Time, Time)>,
}

impl Default for Hours {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, daily_at: Time::constant(8, 0, 0, 0), quiet: None }
    }
}

impl Hours {
    /// The next time after `now` that something is told together, outside the quiet hours.
    pub(super) fn next(&self, every: Every, now: Timestamp) -> Timestamp {
        let next = match every {
            Every::Hour => {
                let hour = now.as_second().div_euclid(3600).saturating_add(1).saturating_mul(3600);
                Timestamp::from_second(hour).unwrap_or(now)
            }
            Every::Day => self.next_time(self.daily_at, now),
        };
        self.after_quiet(next)
    }

    /// `time`, or the end of the quiet hours that it lies in.
    pub(super) fn after_quiet(&self, time: Timestamp) -> Timestamp {
        match self.quiet {
            Some((from, until)) if within(self.local(time).time(), from, until) => {
                self.next_time(until, time)
            }
            _ => time,
        }
    }

    /// When the wall shows `wanted` next after `now`. Where clocks are put forward over it, when they would have shown it.
    fn next_time(&self, wanted: Time, now: Timestamp) -> Timestamp {
        let today = self.local(now).date();
        let tomorrow = today.checked_add(1.day()).unwrap_or(today);
        let on = |date: Date| date.to_datetime(wanted).to_zoned(self.zone.clone()).map(|at| at.timestamp());
        [today, tomorrow].into_iter().filter_map(|date| on(date).ok()).find(|at| *at > now).unwrap_or(now)
    }

    fn local(&self, time: Timestamp) -> Zoned {
        time.to_zoned(self.zone.clone())
    }
}

fn within(time: Time, from: Time, until: Time) -> bool {
    if from < until { (from..until).contains(&time) } else { time >= from || time < until }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(zone: &str, quiet: Option<(i8, i8)>) -> Hours {
        let hour = |hour| Time::constant(hour, 0, 0, 0);
        Hours {
            zone: TimeZone::get(zone).unwrap(),
            quiet: quiet.map(|(from, until)| (hour(from), hour(until))),
            ..Hours::default()
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn quiet_hours_end_in_the_morning_of_the_place() {
        let berlin = hours("Europe/Berlin", Some((20, 7)));
        for (now, until) in [
            ("2026-11-25T18:59:59Z", "2026-11-25T18:59:59Z"), // 19:59
            ("2026-11-25T19:00:00Z", "2026-11-26T06:00:00Z"), // 20:00
            ("2026-11-26T05:59:59Z", "2026-11-26T06:00:00Z"), // 06:59
            ("2026-11-26T06:00:00Z", "2026-11-26T06:00:00Z"), // 07:00
            ("2026-03-28T20:00:00Z", "2026-03-29T05:00:00Z"), // clocks go forward that night
        ] {
            assert_eq!(berlin.after_quiet(at(now)), at(until), "{now}");
        }
        let noon = hours("UTC", Some((12, 13)));
        assert_eq!(noon.after_quiet(at("2026-11-25T12:30:00Z")), at("2026-11-25T13:00:00Z"));
        assert_eq!(noon.after_quiet(at("2026-11-25T13:00:00Z")), at("2026-11-25T13:00:00Z"));
    }

    #[test]
    fn digests_are_due_at_the_hour_and_never_in_quiet_hours() {
        let berlin = hours("Europe/Berlin", Some((20, 7)));
        assert_eq!(berlin.next(Every::Day, at("2026-11-25T06:59:00Z")), at("2026-11-25T07:00:00Z"));
        assert_eq!(berlin.next(Every::Day, at("2026-11-25T07:00:00Z")), at("2026-11-26T07:00:00Z"));
        assert_eq!(berlin.next(Every::Hour, at("2026-11-25T08:00:00Z")), at("2026-11-25T09:00:00Z"));
        assert_eq!(berlin.next(Every::Hour, at("2026-11-25T18:30:00Z")), at("2026-11-26T06:00:00Z"));
    }
}
