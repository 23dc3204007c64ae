use super::*;

const AGAIN: i32 = 12;

fn reply(occasion: Occasion) -> auto_replies::Model {
    auto_replies::Model {
        tenant_id: Uuid::from_u128(1),
        id: Uuid::from_u128(2),
        name: String::new(),
        occasion: occasion.to_string(),
        text: "hello".to_owned(),
        channels: auto_replies::Channels::default(),
        hours_id: None,
        again_after_hours: AGAIN,
        enabled: true,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

/// Nobody is there, and this is said.
fn situation(occasion: Occasion) -> Situation {
    Situation { replies: vec![reply(occasion)], hours: HashMap::new(), is_staffed: false }
}

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

fn written(seq: i64, minutes: i64) -> Written {
    Written { conversation: Uuid::from_u128(3), channel: Uuid::from_u128(4), seq, at: at(minutes) }
}

#[test]
fn whoever_decides_on_the_same_message_decides_the_same_and_another_message_is_another_decision() {
    let situation = situation(Occasion::NobodyAvailable);
    let first = situation.answer(&written(1, 0), &[], at(0)).unwrap();
    let same = situation.answer(&written(1, 0), &[], at(1)).unwrap();
    let next = situation.answer(&written(2, 0), &[], at(0)).unwrap();
    let elsewhere = Written { conversation: Uuid::from_u128(5), ..written(1, 0) };
    let elsewhere = situation.answer(&elsewhere, &[], at(0)).unwrap();
    assert_eq!(first.id, same.id);
    assert!(first.id != next.id && first.id != elsewhere.id && next.id != elsewhere.id);
}

#[test]
fn while_something_is_to_be_said_a_newer_message_is_noted_once() {
    let situation = situation(Occasion::NobodyAvailable);
    let first = situation.answer(&written(1, 0), &[], at(0)).unwrap();
    let waiting = situation.answer(&written(2, 1), std::slice::from_ref(&first), at(2)).unwrap();
    assert_eq!((waiting.id, waiting.seq, waiting.due_at), (first.id, 1, first.due_at));
    assert_eq!((waiting.newer_seq, waiting.newer_at), (Some(2), Some(at(2))));
    assert_eq!(situation.answer(&written(2, 1), std::slice::from_ref(&waiting), at(3)), None);
    let newest = situation.answer(&written(3, 4), &[waiting], at(4)).unwrap();
    assert_eq!((newest.seq, newest.newer_seq), (1, Some(3)));
}

#[test]
fn what_was_said_is_not_said_again_in_its_time_and_what_was_refused_not_for_an_hour() {
    let situation = situation(Occasion::NobodyAvailable);
    let first = situation.answer(&written(1, 0), &[], at(0)).unwrap();
    let settled = auto_answers::Model { due_at: None, ..first };
    let said = auto_answers::Model { said_at: Some(at(0)), ..settled.clone() };
    let refused = auto_answers::Model { refused_at: Some(at(0)), ..settled.clone() };
    for (before, minutes, is_said) in [
        (&settled, 0, true),
        (&said, 12 * 60 - 1, false),
        (&said, 12 * 60, true),
        (&refused, 59, false),
        (&refused, 60, true),
    ] {
        let answer = situation.answer(&written(2, minutes), std::slice::from_ref(before), at(minutes));
        assert_eq!(answer.is_some(), is_said, "{before:?} after {minutes} minutes");
        assert!(answer.is_none_or(|answer| answer.refused_at.is_none() && answer.seq == 2));
    }
}
