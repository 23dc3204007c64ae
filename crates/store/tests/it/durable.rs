use sea_orm::EntityTrait;

use crate::notes::{Engine, Fixture, Home, add, note, tenant};

/// The copy of the files at a moment is what a killed process leaves behind.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_in_the_files() {
    let fixture = Fixture::new(Engine::Sqlite).await;
    let tenant = tenant();
    let scope = fixture.store.tenant(tenant);
    let writes = (0..50).map(|n| {
        let scope = scope.clone();
        async move {
            let text = n.to_string();
            let text = &text;
            scope.write(|tx| async move { add(&tx, text).await }).await.unwrap();
        }
    });
    futures::future::join_all(writes).await;
    let Home::Folder(folder) = &fixture.home else { unreachable!("SQLite") };
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
    }
    let copied = Fixture { home: Home::Folder(copy), ..fixture };
    let rows = copied
        .again()
        .await
        .tenant(tenant)
        .read(|tx| async move { tx.count(note::Entity::find()).await })
        .await;
    assert_eq!(rows.unwrap(), 50);
}
