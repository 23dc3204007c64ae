use super::{Common, print};

pub(crate) async fn run(common: &Common) -> anyhow::Result<()> {
    weft_fleet::migrate_everything(common.settings()?).await?;
    print::line("databases and bus are up to date");
    Ok(())
}
