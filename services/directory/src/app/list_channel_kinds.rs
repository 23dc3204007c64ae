use weft_domain::Result;
use weft_proto::directory::v1::ListChannelKindsResponse;

use crate::{directory::Directory, store::channel_kinds};

/// The kinds of channels that can be connected, each with its forms.
pub(crate) async fn run(directory: &Directory) -> Result<ListChannelKindsResponse> {
    let items = channel_kinds::all(&directory.store).await?;
    Ok(ListChannelKindsResponse { items, next_page_token: String::new() })
}
