use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};
use uuid::Uuid;

/// Makes databases on one PostgreSQL server.
#[derive(Clone, Debug)]
pub struct Databases {
    superuser_url: String,
}

/// A database of one test, as its three roles see it. It goes when its server goes.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// As `weft_owner`, which owns the database and migrates.
    pub owner_url: String,
    /// As `weft_service`, which owns nothing and is bound by row security.
    pub service_url: String,
    /// As `weft_system`, for work across tenants: owns nothing and sees the rows that a policy gives it.
    pub system_url: String,
}

impl Databases {
    pub(crate) fn new(superuser_url: impl Into<String>) -> Self {
        Self { superuser_url: superuser_url.into() }
    }

    /// The URL of the server's superuser.
    pub fn superuser_url(&self) -> &str {
        &self.superuser_url
    }

    /// A new empty database.
    pub async fn database(&self) -> Database {
        self.create(&format!("test_{}", Uuid::now_v7().simple()), "template0").await
    }

    /// A new database with the contents of the template `name`; the first who asks has `prepare` fill it, once per server.
    ///
    /// `prepare` gets the owner's URL and closes its connections. A `name` always stands for the same contents.
    pub async fn database_from(&self, name: &str, prepare: impl AsyncFnOnce(String)) -> Database {
        let template = format!("template_{name}");
        self.prepare_once(&template, prepare).await;
        self.create(&format!("test_{}", Uuid::now_v7().simple()), &template).await
    }

    /// The database of this name; made, empty, when there is none.
    pub async fn database_named(&self, name: &str) -> Database {
        if self.exists(name).await {
            return self.seen(name);
        }
        self.create(name, "template0").await
    }

    async fn prepare_once(&self, template: &str, prepare: impl AsyncFnOnce(String)) {
        if self.exists(template).await {
            return;
        }
        // every test is a process of its own under nextest, so the lock is the server's
        let _locked = self.lock(template).await;
        if self.exists(template).await {
            return;
        }
        let draft = format!("draft_{}", Uuid::now_v7().simple());
        let database = self.create(&draft, "template0").await;
        prepare(database.owner_url).await;
        self.run(&[
            &format!("ALTER DATABASE {draft} ALLOW_CONNECTIONS false"),
            &format!(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{draft}'"
            ),
            &format!("ALTER DATABASE {draft} RENAME TO {}", quoted(template)),
        ])
        .await;
    }

    async fn exists(&self, database: &str) -> bool {
        let name = database.replace('\'', "''");
        self.run(&[&format!("SELECT 1 FROM pg_database WHERE datname = '{name}'")]).await.trim() == "1"
    }

    async fn create(&self, name: &str, template: &str) -> Database {
        let template_name = quoted(template);
        self.run(&[&format!("CREATE DATABASE {name} TEMPLATE {template_name} OWNER weft_owner")]).await;
        self.seen(name)
    }

    fn seen(&self, name: &str) -> Database {
        Database {
            name: name.to_owned(),
            owner_url: self.url("weft_owner", name),
            service_url: self.url("weft_service", name),
            system_url: self.url("weft_system", name),
        }
    }

    pub(crate) async fn create_roles(&self) {
        const PLAIN: &str = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";
        for role in ["weft_owner", "weft_service", "weft_system"] {
            let known = self.run(&[&format!("SELECT 1 FROM pg_roles WHERE rolname = '{role}'")]).await;
            if known.trim().is_empty() {
                self.run(&[&format!("CREATE ROLE {role} {PLAIN}")]).await;
            }
        }
    }

    fn url(&self, role: &str, database: &str) -> String {
        let rest = self.superuser_url.trim_start_matches("postgres://");
        let host = rest.split_once('@').map_or(rest, |(_, host)| host);
        let host = host.split_once('/').map_or(host, |(host, _)| host);
        format!("postgres://{role}@{host}/{database}")
    }

    async fn run(&self, statements: &[&str]) -> String {
        self.psql(statements).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    async fn psql(&self, statements: &[&str]) -> Result<String> {
        let mut command = self.client();
        for statement in statements {
            command.args(["-c", statement]);
        }
        let output = command.output().await.context("`psql` does not run: run `make deps`")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{statements:?}: {errors}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Holds the lock called `name` until the session that is given back is dropped.
    async fn lock(&self, name: &str) -> Child {
        let mut session = self
            .client()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("`psql` runs: run `make deps`");
        let name = name.replace('\'', "''");
        let ask = format!("SELECT 'locked' FROM pg_advisory_lock(hashtextextended('{name}', 0));\n");
        session.stdin.as_mut().expect("piped").write_all(ask.as_bytes()).await.expect("psql reads");
        let answers = session.stdout.as_mut().expect("piped");
        let answer = BufReader::new(answers).lines().next_line().await.expect("psql answers");
        assert_eq!(answer.as_deref(), Some("locked"), "no advisory lock on {name}");
        session
    }

    fn client(&self) -> Command {
        let mut command = Command::new("psql");
        command.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", &self.superuser_url]);
        command
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
