//! States, timelines and marks.

use std::time::Duration;

use async_trait::async_trait;
use engine::ports::{Inventory, Kind, Page, StateQuery, Step, StoreError};
use model::{Moment, State, TimelineId, Timestamp, What};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params, params_from_iter};

use super::{Sqlite, failed, rows};
use crate::column::column;
use crate::document;
use crate::listing::{self, Spot, stamp};

#[async_trait]
impl Inventory for Sqlite {
    async fn state(&self, key: &TimelineId) -> Result<Option<State>, StoreError> {
        Ok(states(&self.connection(), "SELECT key, doc FROM resources WHERE key = ?", [key.as_str()])?.pop())
    }

    async fn states_of(&self, kind: &Kind) -> Result<Vec<State>, StoreError> {
        let sql = "SELECT key, doc FROM resources WHERE account = ? AND resource_type = ?";
        states(&self.connection(), sql, params![kind.account, kind.resource_type])
    }

    async fn states(&self, query: &StateQuery) -> Result<Page<State>, StoreError> {
        let limit = listing::state_limit(query);
        let mut conditions = vec!["TRUE"];
        let mut values: Vec<Value> = Vec::new();
        let asked = [
            ("account = ?", &query.account),
            ("resource_type = ?", &query.resource_type),
            ("region = ?", &query.region),
            ("spot > ?", &query.after),
        ];
        for (condition, value) in asked {
            if let Some(value) = value {
                conditions.push(condition);
                values.push(value.clone().into());
            }
        }
        if !query.gone {
            conditions.push("gone_at IS NULL");
        }
        values.push(rows(limit.saturating_add(1)).into());
        let conditions = conditions.join(" AND ");
        let sql = format!("SELECT key, doc FROM resources WHERE {conditions} ORDER BY spot LIMIT ?");
        let mut found = states(&self.connection(), &sql, params_from_iter(values))?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|state| Spot::of(state).to_string());
        Ok(Page { items: found, next })
    }

    async fn named(&self, text: &str) -> Result<Vec<State>, StoreError> {
        let sql = "SELECT key, doc FROM resources WHERE arn = ?1
                   UNION SELECT key, doc FROM resources WHERE id = ?1";
        states(&self.connection(), sql, [text])
    }

    async fn advance(&self, steps: &[Step]) -> Result<Vec<bool>, StoreError> {
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut taken = Vec::with_capacity(steps.len());
        for step in steps {
            let is_next = is_next(&transaction, step)?;
            if is_next {
                put(&transaction, &step.state)?;
                step.moments.iter().try_for_each(|moment| tell(&transaction, moment))?;
            }
            taken.push(is_next);
        }
        transaction.commit().map_err(failed)?;
        Ok(taken)
    }

    async fn tell(&self, moments: &[Moment]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        moments.iter().try_for_each(|moment| tell(&transaction, moment))?;
        transaction.commit().map_err(failed)
    }

    async fn timeline(
        &self,
        timelines: &[TimelineId],
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Moment>, StoreError> {
        let connection = self.connection();
        let (from, until) = (stamp(from), stamp(until));
        let sql = "SELECT id, doc FROM timeline WHERE timeline = ? AND time >= ? AND time <= ?";
        let mut moments = Vec::new();
        for timeline in timelines {
            let found = super::query::documents(&connection, sql, params![timeline.as_str(), from, until])?;
            for (id, doc) in found {
                moments.push(document::read(&id, &doc)?);
            }
        }
        Ok(listing::in_order(moments))
    }

    async fn mark(&self, target: &str, now: Timestamp, window: Duration) -> Result<bool, StoreError> {
        let sql = "INSERT INTO marks (target, until) VALUES (?1, ?3)
                   ON CONFLICT (target) DO UPDATE SET until = excluded.until WHERE until <= ?2";
        let changed = self.connection().execute(sql, params![target, stamp(now), stamp(now + window)]);
        changed.map(|changed| changed == 1).map_err(failed)
    }

    async fn unmark(&self, target: &str) -> Result<(), StoreError> {
        self.connection().execute("DELETE FROM marks WHERE target = ?", [target]).map(drop).map_err(failed)
    }
}

fn states(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<State>, StoreError> {
    let found = super::query::documents(connection, sql, parameters)?;
    found.into_iter().map(|(key, doc)| document::read(&key, &doc)).collect()
}

fn is_next(transaction: &Transaction<'_>, step: &Step) -> Result<bool, StoreError> {
    let kept: Option<String> = transaction
        .prepare_cached("SELECT read_at FROM resources WHERE key = ?")
        .and_then(|mut select| select.query_row([step.state.key.as_str()], |row| row.get(0)).optional())
        .map_err(failed)?;
    let is_newer = kept.as_ref().is_none_or(|kept| *kept < stamp(step.state.read_at));
    Ok(kept == step.before.map(stamp) && is_newer)
}

fn put(transaction: &Transaction<'_>, state: &State) -> Result<(), StoreError> {
    let mut put = transaction
        .prepare_cached(
            "INSERT INTO resources (key, account, resource_type, region, id, name, arn, first_seen, read_at,
                                    changed_at, gone_at, spot, doc)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (key) DO UPDATE SET
                 name = excluded.name, read_at = excluded.read_at, changed_at = excluded.changed_at,
                 gone_at = excluded.gone_at, doc = excluded.doc",
        )
        .map_err(failed)?;
    put.execute(params![
        state.key.as_str(),
        state.account,
        state.resource_type,
        state.region,
        column(&state.id),
        column(&state.name),
        column(&state.arn),
        stamp(state.first_seen),
        stamp(state.read_at),
        stamp(state.changed_at),
        state.gone_at.map(stamp),
        Spot::of(state).to_string(),
        document::write(state)?,
    ])
    .map_err(failed)?;
    Ok(())
}

fn tell(transaction: &Transaction<'_>, moment: &Moment) -> Result<(), StoreError> {
    let (event_id, event_name, principal) = match &moment.what {
        What::Call(call) => (column(&call.event_id), column(&call.name), column(&call.actor.principal)),
        What::Difference(_) => Default::default(),
    };
    let doc = document::write(moment)?;
    let mut put = transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO timeline (timeline, time, id, event_id, event_name, principal, doc)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .map_err(failed)?;
    put.execute(params![
        moment.timeline.as_str(),
        stamp(moment.time),
        moment.id,
        event_id,
        event_name,
        principal,
        doc,
    ])
    .map(drop)
    .map_err(failed)
}
