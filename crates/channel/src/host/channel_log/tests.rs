use chrono::DateTime;
use weft_domain::id;
use weft_proto::directory::v1::channel_log_entry::Direction;

use super::*;

fn note(channel: id::ChannelId, outcome: Outcome) -> Note {
    let blank = Note::new((id::new(), channel), DateTime::UNIX_EPOCH, (Direction::Outbound, "send"));
    Note { outcome, code: "x".into(), bytes: 10, message_id: "msg".to_owned(), attempt: 1, ..blank }
}

fn counts(log: &ChannelLog) -> Vec<u32> {
    log.take().lines.iter().map(|line| line.entry.as_ref().unwrap().count).collect()
}

#[test]
fn what_goes_well_in_a_second_is_one_line_and_failures_are_whole_up_to_a_bound() {
    let log = ChannelLog::default();
    let (one, other) = (id::new(), id::new());
    for _ in 0..100 {
        log.note(note(one, Outcome::Ok));
        log.note(note(other, Outcome::Failed));
    }
    let mut expected = vec![1; WHOLE_FAILURES];
    expected[WHOLE_FAILURES - 1] = u32::try_from(100 - (WHOLE_FAILURES - 1)).unwrap();
    expected.insert(0, 100);
    assert_eq!(counts(&log), expected);

    log.note(note(one, Outcome::Ok));
    log.note(note(one, Outcome::Ok));
    let summed = log.take().lines.remove(0).entry.unwrap();
    assert_eq!((summed.count, summed.bytes, summed.message_id.as_str()), (2, 20, ""), "it stands for no one");
}

#[test]
fn what_has_no_room_is_counted_and_dropped() {
    let log = ChannelLog::default();
    for _ in 0..MOST + 7 {
        log.note(note(id::new(), Outcome::Ok));
    }
    let gathered = log.take();
    assert_eq!((gathered.lines.len(), gathered.dropped), (MOST, 7));
}

#[test]
fn noting_costs_next_to_nothing() {
    const TIMES: u32 = 100_000;
    let (log, channel) = (ChannelLog::default(), id::new());
    let begun = std::time::Instant::now();
    for _ in 0..TIMES {
        log.note(note(channel, Outcome::Ok));
    }
    let each = begun.elapsed() / TIMES;
    println!("LOG noting a line takes {each:?}");
    assert!(each < Duration::from_micros(100), "{each:?}");
    assert_eq!(counts(&log), [TIMES]);
}
