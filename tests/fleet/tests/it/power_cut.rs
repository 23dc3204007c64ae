use std::hash::{BuildHasher, RandomState};

use weft_testkit::Disk;
use weft_tests_fleet::{Client, Flood, Kept, PASSWORD, Provider, UNTHROTTLED, Weft};

const SECRET: &str = "power-secret-0123456789";
const CUSTOMERS: usize = 50;
const EACH: u64 = 40;
const DISK_BYTES: u64 = 256 << 20;

const VARIABLES: &[(&str, &str)] = &[
    ("WEFT_GATEWAY__LISTEN", "127.0.0.1:0"),
    ("WEFT_HTTP__ALLOW_PRIVATE", "true"),
    ("WEFT_BOOTSTRAP__ADMIN_PASSWORD", PASSWORD),
    ("WEFT_LOG__FILTER", "warn"),
];

/// What was only in the page cache is not in the copy of the disk; everything answered with 200 has to be.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_power_cut_every_webhook_answered_200_is_there_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut disk = match Disk::make(folder.path(), DISK_BYTES) {
        Ok(disk) => disk,
        Err(why) => return println!("SKIPPED: no loop devices ({why})"),
    };
    let (weft, admin) = up(&disk).await;
    let provider = Provider::start().await;
    let channel = provider.connect_at(&admin, SECRET).await;
    let flood = Flood::new(&channel, SECRET, CUSTOMERS, EACH);
    let at = 200 + RandomState::new().hash_one(folder.path()) % 1_500;
    let hooks = Client::nobody(admin.base());
    tokio::join!(flood.post_rest(&hooks), async {
        flood.answered(at).await;
        std::fs::write(disk.folder().join("unsynced"), "only in memory").unwrap();
        weft.kill().await;
    });
    disk.cut_power();
    let accepted = flood.total();
    let unsynced = std::fs::read(disk.folder().join("unsynced")).unwrap_or_default();
    assert!(unsynced.is_empty(), "the copy holds what was never written back, so it proves nothing");

    let (weft, admin) = up(&disk).await;
    let kept = flood.kept(&admin).await;
    println!("FAULT power_cut accepted={accepted} lost={} duplicated={}", kept.lost, kept.duplicated);
    assert_eq!(kept, Kept::default(), "of {accepted} accepted before the cut");

    let hooks = Client::nobody(admin.base());
    flood.repeat_some(&hooks).await;
    flood.post_rest(&hooks).await;
    assert_eq!(flood.kept(&admin).await, Kept::default(), "after posting again");
    assert!(weft.terminate().await.success());
}

async fn up(disk: &Disk) -> (Weft, Client) {
    let mut weft = Weft::run(disk.folder(), &["up", "--demo"], &[VARIABLES, &UNTHROTTLED].concat());
    let base = weft.answers_at().await;
    (weft, Client::sign_in(&base, "admin@demo.test", PASSWORD).await)
}
