use prost_types::Timestamp;
use weft_proto::compliance::v1::audit_record::Change;

use super::*;

fn whole() -> AuditEntry {
    AuditEntry {
        tenant_id: "tenant_01h455vb4pex5vsknk084sn02q".to_owned(),
        seq: 7,
        id: "evt_01h455vb4pex5vsknk084sn02q".to_owned(),
        service: "directory".to_owned(),
        at: Some(Timestamp { seconds: 1_767_225_600, nanos: 123_456_000 }),
        actor: "user_01h455vb4pex5vsknk084sn02q".to_owned(),
        user: "user_01h455vb4pex5vsknk084sn02q".to_owned(),
        session: "sess_01h455vb4pex5vsknk084sn02q".to_owned(),
        action: "user.update".to_owned(),
        outcome: 1,
        reason: "own_role".to_owned(),
        objects: vec!["user_01h455vb4pex5vsknk084sn02q".to_owned()],
        changes: vec![Change { field: "role".to_owned(), value: "admin".to_owned() }],
        trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        idempotent: true,
        sealed: vec![1, 2, 3].into(),
        ..AuditEntry::default()
    }
}

/// Computed by a program in another language from the README's words; a change here is a new version of the format.
#[test]
fn the_bytes_that_are_hashed_are_fixed() {
    assert_eq!(hex::encode(hash(&AuditEntry::default(), &START)), EMPTY);
    assert_eq!(hex::encode(hash(&whole(), &[0xab; 32])), WHOLE);
}

const EMPTY: &str = "35dd08e0bcec0c08ed04b72589d47c946395d3806a2ce388535f52450ffbbd3a";
const WHOLE: &str = "6ddf26b87c23fd16c836a565aa9ec0aa18b6f9f09da69049c2f4fbb2afb27f8a";

#[test]
fn every_field_counts_and_none_can_pass_for_its_neighbour() {
    type Edit = fn(&mut AuditEntry);
    let edits: [Edit; 17] = [
        |entry| entry.tenant_id.push('x'),
        |entry| entry.seq += 1,
        |entry| entry.id.push('x'),
        |entry| entry.service.push('x'),
        |entry| entry.at = Some(Timestamp { seconds: 1_767_225_600, nanos: 123_457_000 }),
        |entry| entry.actor.push('x'),
        |entry| entry.user.push('x'),
        |entry| entry.session.push('x'),
        |entry| entry.action.push('x'),
        |entry| entry.outcome = 0,
        |entry| entry.reason.push('x'),
        |entry| entry.objects.push(String::new()),
        |entry| entry.changes[0].value.clear(),
        |entry| entry.trace_id.clear(),
        |entry| entry.idempotent = false,
        |entry| entry.sealed = vec![1, 2].into(),
        |entry| (entry.reason, entry.action) = (entry.action.clone(), entry.reason.clone()),
    ];
    let before = hash(&whole(), &START);
    for (number, edit) in edits.iter().enumerate() {
        let mut edited = whole();
        edit(&mut edited);
        assert_ne!(hash(&edited, &START), before, "edit {number}");
    }
    assert_ne!(hash(&whole(), &[1; 32]), before);
}
