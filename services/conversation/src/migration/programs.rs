//! Who does things that go on for a while: a person, or a program of theirs.

use sea_orm_migration::{
    prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::string,
};
use weft_domain::conversation::AuthorKind;

pub(super) struct Programs;

impl MigrationName for Programs {
    fn name(&self) -> &'static str {
        "m0012_programs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Programs {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kind = string("author_kind").default(AuthorKind::Agent.to_string()).to_owned();
        manager.alter_table(Table::alter().table("bulk_action").add_column(kind).to_owned()).await
    }
}
