//! What every adapter of the port [`Store`] has to do: cases that take any store and check values.
//!
//! Each case wants a store of its own that holds nothing. A case fails by a panic, as tests do, or by an error of the
//! store. They run on memory, SQLite and DynamoDB in `tests/adapters`, and can run on any other adapter:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use trailpost_store::{Memory, conformance::CASES};
//!
//! for case in CASES {
//!     (case.run)(&Memory::default(), "2026-11-22T05:00:00Z".parse().unwrap()).await.unwrap();
//! }
//! # });
//! ```
#![allow(clippy::missing_panics_doc, reason = "a case panics where the store is wrong: that is its purpose")]

pub mod closing;
pub mod digests;
pub mod inventory;
pub mod listing;
pub mod mutes;
pub mod notes;
pub mod notices;
pub mod order;
pub mod posture;
pub mod quarantine;
pub mod recording;
pub mod samples;
pub mod shards;
pub mod windows;

use std::fmt;
use std::pin::Pin;

use engine::ports::{Store, StoreError};
use model::Timestamp;

/// The end of a case.
pub type Outcome<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// One thing that a store has to do.
pub struct Case {
    /// What it is, as the name of a test.
    pub name: &'static str,
    /// Runs it on an empty store, about now: stores that forget must not forget what is written today.
    pub run: for<'a> fn(&'a dyn Store, Timestamp) -> Outcome<'a>,
}

impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Case").field(&self.name).finish()
    }
}

/// Makes the slice of cases of the functions that they are.
macro_rules! cases {
    ($($module:ident: $($function:ident),+;)+) => {
        &[$($(Case {
            name: concat!(stringify!($module), "::", stringify!($function)),
            run: |store, now| Box::pin($module::$function(store, now)),
        },)+)+]
    };
}

/// All cases.
pub const CASES: &[Case] = cases! {
    recording: a_first_sighting_opens_a_finding, a_second_sighting_adds_to_it, the_same_event_again_changes_nothing,
        the_same_event_twice_in_one_call_counts_once, five_deliveries_at_once_have_one_effect,
        writers_at_once_lose_nothing, one_call_may_hold_many_findings, a_storm_of_one_finding_is_counted,
        no_sightings_are_no_work, hostile_text_comes_back_as_it_was, empty_text_is_text;
    closing: what_is_closed_says_by_whom_and_why, only_what_is_open_and_about_events_can_be_closed,
        what_happens_again_is_open_again, whoever_was_told_is_told_of_the_end;
    order: arrivals_in_any_order_end_the_same;
    listing: nothing_is_found_in_an_empty_store, filters_leave_out_what_they_say,
        pages_have_no_gaps_and_no_repeats, a_wrong_page_mark_is_refused, a_finding_moves_up_when_it_is_seen_again,
        occurrences_come_newest_first;
    notices: a_notice_goes_from_due_to_done, one_day_makes_one_notice_a_channel, the_policy_says_who_is_told,
        an_expired_lease_passes_to_the_next_holder, a_released_notice_is_due_later, a_refused_notice_is_over,
        steps_may_be_repeated, notices_come_oldest_first, an_unknown_notice_is_not_to_be_had,
        one_of_many_gets_the_lease;
    digests: the_first_have_places_and_keep_them, of_many_at_once_no_more_are_admitted, lines_come_back_once,
        a_digest_is_due_when_it_was_said, what_comes_too_late_is_told, what_is_given_back_takes_more,
        makers_at_once_make_one_digest, a_long_digest_comes_back_whole;
    posture: a_finding_lives_through_episodes, what_is_known_changes_nothing, what_stands_is_what_is_open, what_stays_is_written_down_twice_a_day,
        each_episode_is_told_of, lists_have_what_is_over_and_follow_what_is_seen;
    shards: a_shard_is_done_once_and_for_its_scan, a_scan_can_be_forgotten;
    notes: a_note_stands_in_its_scope, a_note_is_written_over, many_notes_come_back_in_order;
    windows: nothing_asked_is_nothing_told, entries_come_back_in_the_order_of_time, the_same_entry_again_changes_nothing,
        windows_do_not_mix, only_what_is_asked_is_told, of_a_class_the_first_are_kept, an_answer_has_an_end,
        of_two_at_once_one_is_told_of_both;
    inventory: a_state_follows_the_one_before, resources_are_listed, a_resource_is_found_by_name,
        moments_come_in_order, a_large_document_comes_back, a_mark_is_made_once;
    mutes: a_mute_comes_back_as_it_was, an_id_is_taken_once, only_the_next_revision_is_kept, mutes_come_by_id_and_none_is_lost,
        of_two_writers_one_is_first;
    quarantine: bytes_come_back_as_they_were, a_record_is_kept_once, an_unknown_record_is_not_there;
};
