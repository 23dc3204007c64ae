use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Common,
    api::{Api, Target},
    print,
};

/// Manage the people who sign in
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// List them
    List(Only),
    /// Add one
    #[command(after_help = "Example:\n  weft user add ann@example.org --name Ann --role agent")]
    Add(Add),
    /// Give one a new password; all their sessions end
    Password(Password),
    /// Keep one from signing in; all their sessions end
    Disable(One),
    /// Let one sign in again
    Enable(One),
}

#[derive(Debug, Args)]
pub(crate) struct Only {
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    #[command(flatten)]
    target: Target,
    /// The user's id
    id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    target: Target,
    /// The e-mail address to sign in with
    email: String,
    /// What people call them
    #[arg(long, default_value = "")]
    name: String,
    /// agent, supervisor, manager or admin
    #[arg(long, default_value = "agent")]
    role: String,
    /// The password; left out, one is made and shown once
    #[arg(long)]
    password: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Password {
    #[command(flatten)]
    target: Target,
    /// The user's id
    id: String,
    /// The password; left out, one is made and shown once
    #[arg(long)]
    password: Option<String>,
}

const COLUMNS: &[&str] = &["id", "email", "name", "role", "disabled"];

pub(crate) async fn run(common: &Common, command: User) -> anyhow::Result<()> {
    match command {
        User::List(only) => {
            let users = Api::open(common, &only.target)?.list("/v1/users").await?;
            print::rows(common.json, &users, COLUMNS);
        }
        User::Add(add) => {
            let password = given_or_made(add.password);
            let body = json!({"email": add.email, "name": add.name, "role": add.role, "password": password});
            let user = Api::open(common, &add.target)?.post("/v1/users", &body).await?;
            print::rows(common.json, &[user], COLUMNS);
        }
        User::Password(change) => {
            let password = given_or_made(change.password);
            let path = format!("/v1/users/{}", change.id);
            Api::open(common, &change.target)?.patch(&path, &json!({"password": password})).await?;
        }
        User::Disable(one) => switch(common, &one, true).await?,
        User::Enable(one) => switch(common, &one, false).await?,
    }
    Ok(())
}

async fn switch(common: &Common, one: &One, disabled: bool) -> anyhow::Result<()> {
    let path = format!("/v1/users/{}", one.id);
    let user = Api::open(common, &one.target)?.patch(&path, &json!({"disabled": disabled})).await?;
    print::rows(common.json, &[user], COLUMNS);
    Ok(())
}

/// A made password is said on its own line, once.
pub(super) fn given_or_made(password: Option<String>) -> String {
    password.unwrap_or_else(|| {
        use weft_crypto::ExposeSecret;
        let made = weft_crypto::token::random_secret().expose_secret().to_owned();
        print::line(&format!("password: {made}"));
        made
    })
}
