//! Who is next: the least busy for what they can take, and of those who waited longest.

use std::cmp::Ordering;

use crate::store::agents::Model;

/// The agent who gets the next conversation; none when all have what they can take.
pub(crate) fn next(agents: &mut [Model], usual: i32) -> Option<&mut Model> {
    agents.iter_mut().filter(|agent| room(agent, usual) > 0).min_by(|one, other| compare(one, other, usual))
}

/// How many more conversations somebody can take.
pub(crate) fn room(agent: &Model, usual: i32) -> i32 {
    (capacity(agent, usual) - agent.open).max(0)
}

/// How many conversations somebody can take in all.
pub(crate) fn capacity(agent: &Model, usual: i32) -> i32 {
    agent.capacity.unwrap_or(usual)
}

fn compare(one: &Model, other: &Model, usual: i32) -> Ordering {
    // one.open / one.capacity against other.open / other.capacity, without the fractions.
    let load = |agent: &Model, rival: &Model| i64::from(agent.open) * i64::from(capacity(rival, usual));
    load(one, other)
        .cmp(&load(other, one))
        .then(one.last_assigned_at.cmp(&other.last_assigned_at))
        .then(one.id.cmp(&other.id))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;

    fn agent(id: u128, open: i32, capacity: Option<i32>, last_assigned_at: Option<i64>) -> Model {
        Model {
            tenant_id: Uuid::nil(),
            id: Uuid::from_u128(id),
            name: String::new(),
            role: "agent".into(),
            disabled: false,
            told_at: None,
            status: "available".into(),
            capacity,
            note: String::new(),
            open,
            last_assigned_at: last_assigned_at.and_then(|at| DateTime::from_timestamp(at, 0)),
            updated_at: DateTime::<Utc>::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_least_busy_for_what_they_can_take_is_next_and_nobody_is_over_it() {
        let cases: [(&str, Vec<Model>, Option<u128>); 7] = [
            ("nobody", vec![], None),
            ("all full, one over", vec![agent(1, 5, None, None), agent(2, 9, Some(2), None)], None),
            ("fewer", vec![agent(1, 3, None, None), agent(2, 2, None, None)], Some(2)),
            (
                "a smaller share of more",
                vec![agent(1, 1, Some(2), None), agent(2, 4, Some(10), None)],
                Some(2),
            ),
            ("longest since", vec![agent(1, 1, None, Some(20)), agent(2, 1, None, Some(10))], Some(2)),
            ("never", vec![agent(1, 0, None, Some(1)), agent(2, 0, None, None)], Some(2)),
            ("the same share", vec![agent(2, 1, Some(5), None), agent(1, 2, Some(10), None)], Some(1)),
        ];
        for (case, mut agents, expected) in cases {
            let found = next(&mut agents, 5).map(|agent| agent.id.as_u128());
            assert_eq!(found, expected, "{case}");
        }
    }
}
