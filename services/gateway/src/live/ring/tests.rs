use chrono::Utc;
use weft_bus::Event;

use super::*;

fn ring(max_events: usize, max_bytes: usize) -> Ring {
    let ring = Ring { max_events, max_bytes, inner: Mutex::default() };
    ring.start(10, 10);
    ring
}

fn entry(cursor: u64, tenant: &str, change: &str) -> Arc<Entry> {
    let event = Event {
        id: cursor.to_string(),
        kind: format!("weft.v1.{change}"),
        source: "/test".into(),
        subject: format!("weft.events.{tenant}.{change}"),
        key: String::new(),
        tenant: None,
        time: Utc::now(),
        traceparent: None,
        tracestate: None,
        data: b"{}".as_slice().into(),
    };
    Entry::new(cursor, event).unwrap()
}

fn cursors(ring: &Ring, tenant: &str, after: u64) -> Option<(Vec<u64>, u64)> {
    match ring.read(tenant, after) {
        Read::Next(entries, position) => Some((entries.iter().map(|entry| entry.cursor).collect(), position)),
        Read::Behind => None,
    }
}

#[test]
fn a_tenant_reads_its_own_events_in_order_and_skips_those_of_others() {
    let ring = ring(100, usize::MAX);
    for (cursor, tenant) in [(11, "a"), (12, "b"), (14, "a"), (15, "b")] {
        ring.push(entry(cursor, tenant, "message.created"));
    }
    assert_eq!(cursors(&ring, "a", 10), Some((vec![11, 14], 15)));
    assert_eq!(cursors(&ring, "a", 11), Some((vec![14], 15)));
    assert_eq!(cursors(&ring, "a", 14), Some((vec![], 15)));
    assert_eq!(cursors(&ring, "c", 10), Some((vec![], 15)));
    assert_eq!(cursors(&ring, "a", 9), None, "before the start it knows nothing");
    assert_eq!(cursors(&ring, "a", 20), Some((vec![], 20)), "a position ahead of us stays");
    assert_eq!((ring.waiting("b", 10), ring.waiting("b", 12)), (2, 1));
}

#[test]
fn what_is_too_much_is_forgotten_from_the_oldest_on() {
    let (by_number, by_weight) =
        (ring(3, usize::MAX), ring(100, 3 * entry(1, "a", "message.created").weight()));
    for ring in [by_number, by_weight] {
        for cursor in 11..=15 {
            ring.push(entry(cursor, if cursor % 2 == 0 { "b" } else { "a" }, "message.created"));
        }
        assert_eq!(cursors(&ring, "a", 12), Some((vec![13, 15], 15)));
        assert_eq!(cursors(&ring, "a", 11), None);
    }
}

#[test]
fn a_batch_is_bounded_and_goes_on_where_it_ended() {
    let ring = ring(1000, usize::MAX);
    (11..=110).for_each(|cursor| ring.push(entry(cursor, "a", "message.created")));
    let (first, position) = cursors(&ring, "a", 10).unwrap();
    assert_eq!((first.len(), position), (64, 74));
    assert_eq!(cursors(&ring, "a", position).unwrap(), ((75..=110).collect(), 110));
}

#[test]
fn the_beacon_is_ones_own_event_or_else_a_rare_one() {
    let ring = ring(100, usize::MAX);
    assert!(ring.beacon("a").is_none());
    for (cursor, tenant, change) in
        [(11, "b", "message.created"), (12, "b", "user.created"), (13, "b", "message.created")]
    {
        ring.push(entry(cursor, tenant, change));
    }
    assert_eq!(ring.beacon("a").unwrap().cursor, 12);
    ring.push(entry(14, "a", "message.created"));
    assert_eq!(ring.beacon("a").unwrap().cursor, 14);
    assert_eq!(ring.beacon("b").unwrap().cursor, 11);
}

#[test]
fn the_ring_is_ready_when_it_has_read_what_was_there_at_its_start() {
    let ring = Ring { max_events: 10, max_bytes: usize::MAX, inner: Mutex::default() };
    assert_eq!(ring.head(), None);
    ring.start(10, 12);
    ring.push(entry(11, "a", "message.created"));
    assert_eq!(ring.head(), None);
    ring.push(entry(12, "a", "message.created"));
    assert_eq!(ring.head(), Some(12));
}
