use std::{fs, path::Path};

use futures::FutureExt as _;
use rstest::rstest;
use uuid::Uuid;
use weft_domain::{Role, id};
use weft_media::Migrator;
use weft_store::{
    Store,
    migration::{MigrationTrait, MigratorTrait},
};

use crate::rig::{Engine, Rig, bytes_of, get};

/// The tables as they were when each file had its bytes for itself.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Migrator::migrations().into_iter().take(2).collect()
    }
}

/// SHA-256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

async fn keep(store: &Store, folder: &Path, tenant: Uuid, file: Uuid) {
    let values = || vec![file.into(), HELLO.into(), chrono::Utc::now().into()];
    let sql = "INSERT INTO file (tenant_id, id, name, mime, size, sha256, created_by, created_at) \
               SELECT $1, $2, 'a.txt', 'text/plain', 5, $3, 'somebody', $4 \
               WHERE NOT EXISTS (SELECT 1 FROM file WHERE tenant_id = $1 AND id = $2)";
    let add = |tx: weft_store::Tx| async move { tx.execute(sql, values()).await };
    store.tenant(id::from_uuid(tenant)).write(add).await.unwrap();
    let home = folder.join(tenant.to_string());
    fs::create_dir_all(&home).unwrap();
    let bytes = home.join(file.to_string());
    fs::write(&bytes, "hello").unwrap();
    fs::File::options().append(true).open(bytes).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_older_release_stay_where_they_are_and_twins_become_one(#[case] engine: Engine) {
    let (first, twin, alone) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let (ours, theirs) = (Uuid::now_v7(), Uuid::now_v7());
    let history = |store: Store, folder: std::path::PathBuf| {
        async move {
            store.migrate::<Before>().await.unwrap();
            for (tenant, file) in [(ours, first), (ours, twin), (theirs, alone)] {
                keep(&store, &folder, tenant, file).await;
            }
        }
        .boxed()
    };
    let rig = Rig::with_history(engine, &history).await;
    let person = |tenant| {
        let of = crate::rig::Person { tenant: id::from_uuid(tenant), token: String::new() };
        rig.colleague(&of, Role::Supervisor)
    };
    let (we, they) = (person(ours), person(theirs));
    // the sweep that begins with the service removes what no row names any longer
    let mut left = [format!("{ours}/{first}"), format!("{theirs}/{alone}")];
    left.sort();
    rig.until_on_disk("the twin's own bytes are gone", |found| found == left).await;
    assert_eq!((rig.storage(&we).await, rig.storage(&they).await), ((2, 5), (1, 5)));
    for (person, file) in [(&we, first), (&we, twin), (&they, alone)] {
        let file = id::from_uuid::<id::File>(file).to_string();
        let link = rig.get_file(person, &file).await.unwrap().url.unwrap();
        assert_eq!(bytes_of(rig.call(get(&link)).await).await, "hello");
        rig.delete_file(person, &file).await.unwrap();
    }
    assert!(rig.on_disk().is_empty());
}
