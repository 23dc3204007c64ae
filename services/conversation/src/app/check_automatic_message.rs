use weft_domain::Result;
use weft_proto::conversation::v1::CheckAutomaticMessageRequest;

use crate::variables;

/// Checks a text with variables before it is kept.
pub(crate) fn run(request: &CheckAutomaticMessageRequest) -> Result<()> {
    variables::check(&request.text, "text")
}
