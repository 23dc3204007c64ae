use std::hash::{BuildHasher, RandomState};

use weft_tests_fleet::{Client, Flood, Kept, PASSWORD, Provider, UNTHROTTLED, Weft};

const SECRET: &str = "crash-secret-0123456789";
const CUSTOMERS: usize = 125;
const EACH: u64 = 40;
const ALL: u64 = 5_000;

const VARIABLES: &[(&str, &str)] = &[
    ("WEFT_GATEWAY__LISTEN", "127.0.0.1:0"),
    ("WEFT_HTTP__ALLOW_PRIVATE", "true"),
    ("WEFT_BOOTSTRAP__ADMIN_PASSWORD", PASSWORD),
    ("WEFT_LOG__FILTER", "warn"),
];

/// The process dies at a random moment; the provider posts again what it heard no answer to, and some that it did.
#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_every_webhook_answered_200_is_there_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (weft, admin) = up(folder.path()).await;
    let provider = Provider::start().await;
    let channel = provider.connect_at(&admin, SECRET).await;
    let flood = Flood::new(&channel, SECRET, CUSTOMERS, EACH);
    let at = 500 + RandomState::new().hash_one(folder.path()) % 4_000;
    let hooks = Client::nobody(admin.base());
    tokio::join!(flood.post_rest(&hooks), async {
        flood.answered(at).await;
        weft.kill().await;
    });
    let accepted = flood.total();
    assert!((at..ALL).contains(&accepted), "{accepted} were accepted");

    let (weft, admin) = up(folder.path()).await;
    let kept = flood.kept(&admin).await;
    println!("FAULT kill9 accepted={accepted} lost={} duplicated={}", kept.lost, kept.duplicated);
    assert_eq!(kept, Kept::default(), "of {accepted} accepted before SIGKILL");

    let hooks = Client::nobody(admin.base());
    flood.repeat_some(&hooks).await;
    flood.post_rest(&hooks).await;
    assert_eq!(flood.total(), ALL, "all were answered in the end");
    let kept = flood.kept(&admin).await;
    println!("FAULT kill9 accepted={ALL} lost={} duplicated={}", kept.lost, kept.duplicated);
    assert_eq!(kept, Kept::default(), "of {ALL} after posting again");
    assert!(weft.terminate().await.success());
}

async fn up(folder: &std::path::Path) -> (Weft, Client) {
    let mut weft = Weft::run(folder, &["up", "--demo"], &[VARIABLES, &UNTHROTTLED].concat());
    let base = weft.answers_at().await;
    (weft, Client::sign_in(&base, "admin@demo.test", PASSWORD).await)
}
