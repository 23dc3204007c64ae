use url::Url;

use crate::Account;

/// The address of a messaging service.
pub(crate) fn service_url(account: &Account, sid: &str) -> Url {
    below(account, &["v1", "Services", sid])
}

/// Where the sign of typing is asked for.
pub(crate) fn typing_url(account: &Account) -> Url {
    below(account, &["v3", "Indicators", "Typing.json"])
}

fn below(account: &Account, path: &[&str]) -> Url {
    let mut url = account.messaging_api_base.clone();
    // cannot fail: `validate` lets only http addresses pass
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}
