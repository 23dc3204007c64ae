//! How files of providers are opened, alike for all adapters.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use serde_json::json;
use weft_channel::{Media, ProviderCall, Retry, SendError, open_file};
use weft_channel_testkit::{Played, Player};

async fn opened(answer: Played) -> Result<Option<String>, SendError> {
    let player = Player::new([answer]);
    let call = ProviderCall::get("https://files.example.org/1".parse().unwrap(), "file");
    let media = Media { name: "a.png".to_owned(), ..Media::default() };
    let file = open_file("Example", &media, call, 1000, &player, |status| {
        (status == 202).then(|| SendError::unreachable("it is still being made"))
    });
    assert_eq!(player.calls().len(), 0);
    file.await.map(|file| file.mime)
}

#[tokio::test]
async fn what_a_refused_file_means_is_told_alike() {
    let table = [
        (202, "unreachable", Retry::Backoff),
        (401, "account_invalid", Retry::Never),
        (403, "403", Retry::Never),
        (404, "file_gone", Retry::Never),
        (410, "file_gone", Retry::Never),
        (429, "throttled", Retry::After(Duration::from_secs(7))),
        (503, "unreachable", Retry::Backoff),
    ];
    for (status, code, retry) in table {
        let headers = json!({"retry-after": "7"}).as_object().cloned().unwrap();
        let error = opened(Played { headers, ..Played::text(status, "") }).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), (code, retry), "{status}");
    }
    for (kind, code) in [("interrupted", "unreachable"), ("too_large", "message_invalid")] {
        assert_eq!(opened(Played::error(kind)).await.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn a_file_is_of_the_type_that_the_provider_says() {
    let headers = json!({"content-type": "image/png"}).as_object().cloned().unwrap();
    let mime = opened(Played { headers, ..Played::text(200, "bytes") }).await.unwrap();
    assert_eq!(mime.as_deref(), Some("image/png"));
}
