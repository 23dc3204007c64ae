use weft_testkit::{free_port, temp_dir};
use weft_tests_fleet::Weft;

/// What a container's health check runs.
#[tokio::test]
async fn a_process_is_ready_by_its_own_settings_until_it_ends() {
    let folder = temp_dir();
    let (admin, main) = (format!("0.0.0.0:{}", free_port()), format!("127.0.0.1:{}", free_port()));
    let variables = [("WEFT_RUN__ADMIN_LISTEN", admin.as_str()), ("WEFT_GATEWAY__LISTEN", main.as_str())];
    let mut weft = Weft::run(folder.path(), &["up"], &variables);
    weft.answers_at().await;
    let asked = Weft::command(folder.path(), &["ready"], &variables).await;
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    weft.kill().await;
    let asked = Weft::command(folder.path(), &["ready"], &variables).await;
    assert!(!asked.status.success());
    assert!(String::from_utf8_lossy(&asked.stderr).contains("does not answer"));
}
