#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod blob;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod file;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod hold;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod storage_usage;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod upload;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod upload_piece;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod variant;
