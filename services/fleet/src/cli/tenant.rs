use clap::{Args, Subcommand};
use secrecy::SecretString;
use serde_json::json;
use weft_directory::bootstrap;
use weft_domain::Role;

use super::{Common, demo, print, user::given_or_made};

/// Manage tenants, on the database itself: no process has to run
#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Make a tenant and its first admin
    #[command(after_help = "Example:\n  weft tenant add acme --name \"Acme Ltd\" --admin ann@acme.example")]
    Add(Add),
    /// Make the tenant to try, or find it as it was left: `demo`, with admin@demo.test
    Demo,
    /// Give a person of a tenant a new password
    Password(Password),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The short name used at sign-in: lower-case letters, digits, dashes
    slug: String,
    /// What people call it
    #[arg(long)]
    name: Option<String>,
    /// The first admin's e-mail address
    #[arg(long)]
    admin: String,
    /// The admin's password; left out, one is made and shown once
    #[arg(long)]
    password: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Password {
    /// The tenant's short name or id
    tenant: String,
    /// The person's e-mail address
    email: String,
    /// The password; left out, one is made and shown once
    #[arg(long)]
    password: Option<String>,
}

pub(crate) async fn run(common: &Common, command: Tenant) -> anyhow::Result<()> {
    let settings = common.settings()?;
    let store = weft_fleet::open_directory(&settings).await?;
    match command {
        Tenant::Add(add) => {
            let name = add.name.as_ref().unwrap_or(&add.slug);
            let tenant = bootstrap::create_tenant(&store, &add.slug, name).await?;
            let password = SecretString::from(given_or_made(add.password));
            let user = bootstrap::create_user(&store, tenant, &add.admin, "", Role::Admin, password).await?;
            let row = json!({"tenant": tenant.to_string(), "slug": add.slug, "admin": add.admin, "user": user.to_string()});
            print::rows(common.json, &[row], &["tenant", "slug", "admin", "user"]);
        }
        Tenant::Demo => {
            let (made, _token) = demo::make(&settings, &store).await?;
            print::line(&demo::sign_in(&made));
        }
        Tenant::Password(change) => {
            let tenant = bootstrap::find_tenant(&store, &change.tenant).await?;
            let password = SecretString::from(given_or_made(change.password));
            bootstrap::set_password(&store, tenant, &change.email, password).await?;
        }
    }
    store.close().await?;
    Ok(())
}
