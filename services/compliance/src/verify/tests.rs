use chrono::Utc;
use rstest::rstest;
use weft_crypto::{Kek, SigningKey};
use weft_domain::{TenantId, id};
use weft_proto::{
    compliance::v1::{AuditEntry, Checkpoint},
    json,
};

use super::*;
use crate::chain::{
    Hash,
    checkpoint::{public_key, sign, signing_key},
    link,
    peaks::Peaks,
};

struct Log {
    entries: Vec<AuditEntry>,
    checkpoints: Vec<Checkpoint>,
    keys: Vec<String>,
}

fn link_all(entries: &mut [AuditEntry]) -> Vec<Hash> {
    let mut hashes = Vec::new();
    let mut prev = link::START;
    for entry in entries {
        let hash = link::hash(entry, &prev);
        (entry.prev, entry.hash) = (hex::encode(prev), hex::encode(hash));
        hashes.push(hash);
        prev = hash;
    }
    hashes
}

fn entries(tenant: TenantId, count: u64) -> Vec<AuditEntry> {
    let entry = |seq| AuditEntry {
        tenant_id: tenant.to_string(),
        seq,
        action: format!("test.{seq}"),
        ..AuditEntry::default()
    };
    (1..=count).map(entry).collect()
}

fn checkpoints(key: &SigningKey, tenant: TenantId, hashes: &[Hash], sizes: &[u64]) -> Vec<Checkpoint> {
    let mut tree = Peaks::default();
    let mut made = Vec::new();
    for hash in hashes {
        tree.push(hash);
        if sizes.contains(&tree.size()) {
            made.push(sign(key, tenant, &tree, Utc::now()));
        }
    }
    made
}

/// Twenty entries, with checkpoints at 7, 12 and 20.
fn log() -> Log {
    let (kek, tenant) = (Kek::generate(), id::new());
    let mut entries = entries(tenant, 20);
    let hashes = link_all(&mut entries);
    let checkpoints = checkpoints(&signing_key(&kek).unwrap(), tenant, &hashes, &[7, 12, 20]);
    Log { entries, checkpoints, keys: vec![public_key(&kek).unwrap()] }
}

impl Log {
    fn fault(&self) -> Fault {
        verify(&self.entries, &self.checkpoints, &self.keys).unwrap_err()
    }
}

#[test]
fn a_whole_log_is_proven_and_a_younger_tail_is_only_linked() {
    let mut log = log();
    let proven = verify(&log.entries, &log.checkpoints, &log.keys).unwrap();
    assert_eq!((proven.entries, proven.checkpoints, proven.covered), (20, 3, 20));
    log.checkpoints.pop();
    log.checkpoints.push(log.checkpoints[0].clone());
    let proven = verify(&log.entries, &log.checkpoints, &log.keys).unwrap();
    assert_eq!((proven.checkpoints, proven.covered), (2, 12));
    assert_eq!(verify(&log.entries, &[], &[]).unwrap().covered, 0);
}

#[rstest]
#[case::edited(|log: &mut Log| log.entries[4].actor.push('x'), Fault::Changed(5))]
#[case::edited_with_its_hash(
    |log: &mut Log| {
        log.entries[4].actor.push('x');
        let prev = crate::chain::from_hex(&log.entries[4].prev).unwrap();
        log.entries[4].hash = hex::encode(link::hash(&log.entries[4], &prev));
    },
    Fault::Unlinked(6)
)]
#[case::deleted(|log: &mut Log| drop(log.entries.remove(4)), Fault::Missing(5, 6))]
#[case::first_deleted(|log: &mut Log| drop(log.entries.remove(0)), Fault::Missing(1, 2))]
#[case::deleted_and_renumbered(
    |log: &mut Log| {
        log.entries.remove(4);
        (1..).zip(&mut log.entries).for_each(|(seq, entry)| entry.seq = seq);
    },
    Fault::Changed(5)
)]
#[case::reordered(|log: &mut Log| log.entries.swap(4, 5), Fault::Missing(5, 6))]
#[case::inserted(|log: &mut Log| log.entries.insert(5, log.entries[4].clone()), Fault::OutOfPlace(5, 6))]
#[case::put_in_from_another_tenant(
    |log: &mut Log| {
        log.entries[4].tenant_id = id::new::<id::Tenant>().to_string();
    },
    Fault::Foreign(5)
)]
#[case::emptied(|log: &mut Log| log.entries.clear(), Fault::Empty)]
fn what_was_done_to_an_entry_is_named(#[case] tamper: fn(&mut Log), #[case] expected: Fault) {
    let mut log = log();
    tamper(&mut log);
    assert_eq!(log.fault(), expected);
}

#[test]
fn a_cut_tail_is_found_by_the_checkpoint_that_knew_it() {
    let mut log = log();
    log.entries.truncate(15);
    assert!(matches!(log.fault(), Fault::Cut { missing: 16, size: 20, .. }));
    log.entries.truncate(5);
    assert!(matches!(log.fault(), Fault::Cut { missing: 6, size: 7, .. }));
}

#[test]
fn a_log_rewritten_whole_is_found_and_what_an_earlier_checkpoint_proves_is_told() {
    let mut log = log();
    log.entries[9].action = "nothing.happened".to_owned();
    link_all(&mut log.entries);
    assert!(verify(&log.entries, &[], &[]).is_ok(), "by itself it is in order");
    assert!(matches!(log.fault(), Fault::Rewritten { first: 8, size: 12, .. }));
}

#[test]
fn entries_inserted_or_removed_with_all_that_follow_rewritten_are_found() {
    for removed in [true, false] {
        let mut log = log();
        match removed {
            true => drop(log.entries.remove(14)),
            false => {
                log.entries.insert(14, AuditEntry { action: "made.up".to_owned(), ..log.entries[14].clone() })
            }
        }
        (1..).zip(&mut log.entries).for_each(|(seq, entry)| entry.seq = seq);
        link_all(&mut log.entries);
        let fault = log.fault();
        let named = match removed {
            true => matches!(fault, Fault::Cut { missing: 20, .. }),
            false => matches!(fault, Fault::Rewritten { first: 13, size: 20, .. }),
        };
        assert!(named, "{fault}");
    }
}

#[test]
fn checkpoints_made_anew_by_somebody_else_are_not_believed() {
    let mut log = log();
    log.entries[9].action = "nothing.happened".to_owned();
    let hashes = link_all(&mut log.entries);
    let tenant = id::parse("tenant", &log.entries[0].tenant_id).unwrap();
    let forger = signing_key(&Kek::generate()).unwrap();
    let forged = checkpoints(&forger, tenant, &hashes, &[7, 12, 20]);
    assert_eq!(verify(&log.entries, &forged, &log.keys).unwrap_err(), Fault::Unsigned(7));
    assert!(verify(&log.entries, &forged, &[]).is_ok(), "which is why the key has to be known");
    let both: Vec<_> = forged.into_iter().chain(log.checkpoints.clone()).collect();
    assert_eq!(verify(&log.entries, &both, &[]).unwrap_err(), Fault::Contradiction(12));
    log.checkpoints[1].size = 13;
    assert_eq!(log.fault(), Fault::Unsigned(13));
    log.checkpoints.iter_mut().for_each(|one| one.tenant_id = "tenant_other".to_owned());
    assert!(matches!(log.fault(), Fault::NoCheckpoint(_)));
}

#[test]
fn an_export_is_read_as_lines_and_as_pages() {
    let log = log();
    let lines: Vec<String> = log
        .entries
        .iter()
        .map(|entry| String::from_utf8(json::encode(entry).unwrap().to_vec()).unwrap())
        .collect();
    let page = format!("{{\"items\": [{}], \"next_page_token\": \"x\"}}", lines[..5].join(",\n"));
    assert_eq!(entries_in(lines.join("\n").as_bytes()).unwrap(), log.entries);
    let mixed = format!("{page}\n{}", lines[5..].join("\n"));
    assert_eq!(entries_in(mixed.as_bytes()).unwrap(), log.entries);
    let cut = &mixed.as_bytes()[..mixed.len() - 3];
    assert!(entries_in(cut).unwrap_err().to_string().contains("after entry 19"));
}
