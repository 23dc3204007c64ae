use std::{fs::File, io::Write, path::PathBuf};

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use weft_compliance::verify::{checkpoints_in, entries_in, verify};
use weft_domain::id;
use weft_proto::convert::time;

use super::{
    Common,
    api::{Api, Target},
    print,
};

/// Export and verify the audit log
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Write the whole log as JSON Lines, with all that verification needs
    #[command(after_help = "Example:\n  weft audit export --out log.jsonl")]
    Export(Export),
    /// Check an export without a server: what was changed, deleted, put in, moved, cut off or rewritten is named
    #[command(
        after_help = "Example:\n  weft audit verify log.jsonl --checkpoints data/audit-checkpoints --public-key 3b6a…"
    )]
    Verify(Verify),
    /// Print the public key that verifies checkpoints; keep it where the database's administrator cannot reach it
    Key,
    /// Make what identifies a person in the log unreadable for ever, on the database itself
    Erase(Erase),
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    target: Target,
    /// The file; left out, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Another tenant's log, by its id; for operators
    #[arg(long)]
    tenant: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The export; several files are read one after the other, as if they were one
    #[arg(required = true, value_name = "FILE")]
    exports: Vec<PathBuf>,
    /// The folder or file with the signed checkpoints. Without it a cut end and a log rewritten whole stay unseen
    #[arg(long, value_name = "FOLDER")]
    checkpoints: Option<PathBuf>,
    /// A key that may have signed checkpoints, in hex; may be repeated. Without it the checkpoints vouch for themselves
    #[arg(long = "public-key", value_name = "HEX")]
    keys: Vec<String>,
    /// When the export was made (RFC 3339): checkpoints signed later are of a longer log and are passed over
    #[arg(long, value_name = "TIME")]
    made_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// The tenant's short name or id
    tenant: String,
    /// The person's id
    user: String,
}

pub(crate) async fn run(common: &Common, command: Audit) -> anyhow::Result<()> {
    match command {
        Audit::Export(command) => export(common, &command).await,
        Audit::Verify(command) => check(common, &command),
        Audit::Key => {
            print::line(&weft_fleet::audit_public_key(&common.settings()?)?);
            Ok(())
        }
        Audit::Erase(command) => erase(common, &command).await,
    }
}

async fn export(common: &Common, command: &Export) -> anyhow::Result<()> {
    let api = Api::open(common, &command.target)?;
    match &command.out {
        None => copy(&api, command.tenant.as_deref(), &mut std::io::stdout()).await.map(drop),
        Some(path) => {
            let mut file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            let entries = copy(&api, command.tenant.as_deref(), &mut file).await?;
            file.sync_all()?;
            print::line(&format!("{entries} entries in {}", path.display()));
            Ok(())
        }
    }
}

async fn copy(api: &Api, tenant: Option<&str>, out: &mut impl Write) -> anyhow::Result<usize> {
    let (mut entries, mut next) = (0, String::new());
    loop {
        let tenant = tenant.map(|tenant| format!("&tenant={tenant}")).unwrap_or_default();
        let page = api.get_patiently(&format!("/v1/audit-log/export?page_token={next}{tenant}")).await?;
        let items = page.get("items").and_then(Value::as_array).context("this is no export")?;
        for item in items {
            writeln!(out, "{item}")?;
        }
        entries += items.len();
        match page.get("next_page_token").and_then(Value::as_str) {
            Some(token) if !token.is_empty() => token.clone_into(&mut next),
            _ => break,
        }
    }
    out.flush()?;
    Ok(entries)
}

fn check(common: &Common, command: &Verify) -> anyhow::Result<()> {
    let mut text = Vec::new();
    for path in &command.exports {
        text.extend(std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
        text.push(b'\n');
    }
    let entries = entries_in(&text)?;
    let mut checkpoints = match &command.checkpoints {
        Some(path) => checkpoints_in(path)?,
        None => Vec::new(),
    };
    if let Some(made_at) = command.made_at {
        checkpoints.retain(|one| one.at.as_ref().and_then(time).is_some_and(|at| at <= made_at));
    }
    anyhow::ensure!(
        command.checkpoints.is_none() || !checkpoints.is_empty(),
        "there are no checkpoints in the place given"
    );
    let proven = verify(&entries, &checkpoints, &command.keys)?;
    if common.json {
        print::json(&json!({
            "tenant": proven.tenant, "entries": proven.entries, "head": proven.head,
            "checkpoints": proven.checkpoints, "covered": proven.covered,
        }));
        return Ok(());
    }
    print::line(&format!("{}: {} entries, unbroken, head {}", proven.tenant, proven.entries, proven.head));
    print::line(&match (&command.checkpoints, command.keys.is_empty()) {
        (None, _) => "no checkpoints given: a cut end or a log rewritten whole would not be seen".to_owned(),
        (Some(_), keyless) => format!(
            "{} checkpoints agree and vouch for the first {} entries{}",
            proven.checkpoints,
            proven.covered,
            if keyless {
                ", by the key they name themselves: give --public-key to be sure of it"
            } else {
                ""
            }
        ),
    });
    Ok(())
}

async fn erase(common: &Common, command: &Erase) -> anyhow::Result<()> {
    let settings = common.settings()?;
    let directory = weft_fleet::open_directory(&settings).await?;
    let tenant = weft_directory::bootstrap::find_tenant(&directory, &command.tenant).await?;
    directory.close().await?;
    let store = weft_fleet::open_compliance(&settings).await?;
    let erased =
        weft_compliance::erase_person(&store, tenant, id::parse("user", &command.user)?, "command line")
            .await;
    store.close().await?;
    erased?;
    print::line("erased");
    Ok(())
}
