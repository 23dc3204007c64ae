use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    io::{AsyncWriteExt, BufWriter},
    process::Command,
};
use uuid::Uuid;
use weft_domain::id;
use weft_tests_fleet::Cluster;

/// How many messages a conversation holds.
const EACH: usize = 50;

const WORDS: &str =
    "Good morning, I ordered two of them last week and the parcel says delivered, but nothing is here";

/// A history that is written straight into PostgreSQL, as if it had grown over a year.
pub struct Bulk {
    url: String,
    tenant: Uuid,
    channel: Uuid,
    people: Vec<Person>,
}

struct Person {
    contact: Uuid,
    conversation: Uuid,
    begun: DateTime<Utc>,
    last: Uuid,
}

impl Bulk {
    /// For so many messages on a channel of the demo's tenant.
    pub async fn plan(cluster: &Cluster, channel: &str, messages: usize) -> Result<Self> {
        let superuser = cluster.postgres.databases().superuser_url().to_owned();
        let server = superuser.rsplit_once('/').context("the URL names a database")?.0.to_owned();
        let url = format!("{server}/{}", cluster.database().name);
        let channel = id::parse::<id::Channel>("channel", channel)?.uuid();
        let tenant = psql(&url, &["-c", "SELECT id FROM directory.tenant WHERE slug = 'demo'"]).await?;
        let people = messages.div_ceil(EACH).max(1);
        let now = Utc::now() - TimeDelta::days(1);
        let between = TimeDelta::days(364).num_milliseconds() / i64::try_from(people)?;
        let people = (0..people).map(|at| Person {
            contact: Uuid::now_v7(),
            conversation: Uuid::now_v7(),
            begun: now - TimeDelta::milliseconds(between * i64::try_from(at).unwrap()),
            last: Uuid::now_v7(),
        });
        Ok(Self { url, tenant: tenant.trim().parse()?, channel, people: people.collect() })
    }

    /// The ids of the conversations, as the API writes them.
    pub fn conversations(&self) -> Vec<String> {
        let id = |person: &Person| id::from_uuid::<id::Conversation>(person.conversation).to_string();
        self.people.iter().map(id).collect()
    }

    /// Writes it, and lets PostgreSQL look at it as its housekeeping would.
    pub async fn load(&self) -> Result<()> {
        let (tenant, channel) = (self.tenant, self.channel);
        let columns = "tenant_id,id,name,is_group,created_at,updated_at";
        let rows = self.people.iter().enumerate().map(|(at, person)| {
            let time = person.begun.to_rfc3339();
            format!("{tenant}\t{}\tOld customer {at}\tf\t{time}\t{time}\n", person.contact)
        });
        self.copy("contact", columns, rows).await?;
        let columns = "tenant_id,channel_id,external_id,contact_id,channel_kind,reachable,created_at";
        let rows = self.people.iter().enumerate().map(|(at, person)| {
            let time = person.begun.to_rfc3339();
            format!("{tenant}\t{channel}\told-{at}\t{}\ttelegram\tt\t{time}\n", person.contact)
        });
        self.copy("contact_identity", columns, rows).await?;
        let columns = "tenant_id,id,contact_id,channel_id,channel_kind,thread_id,status,priority,unread_count,last_seq,\
                       read_seq,last_message_id,active_at,created_at,updated_at";
        let rows = self.people.iter().enumerate().map(|(at, person)| self.conversation(at, person));
        self.copy("conversation", columns, rows).await?;
        let columns = "tenant_id,id,conversation_id,seq,channel_id,direction,author_kind,author_id,author_name,kind,text,\
                       content,external_id,state,attempt,repeatable,created_at";
        // as they came: everybody's first, then everybody's second, so that no thread lies together on disk
        let numbers = (1..=EACH).flat_map(|seq| self.people.iter().enumerate().map(move |who| (seq, who)));
        let rows = numbers.map(|(seq, (at, person))| self.message(seq, at, person));
        self.copy("message", columns, rows).await?;
        psql(&self.url, &["-c", "VACUUM (ANALYZE)", "-c", "CHECKPOINT"]).await?;
        Ok(())
    }

    fn conversation(&self, at: usize, person: &Person) -> String {
        let Self { tenant, channel, .. } = self;
        let Person { contact, conversation, begun, last } = person;
        let unread = if at.is_multiple_of(10) { EACH } else { 0 };
        let (begun, active) = (begun.to_rfc3339(), time_of(person, EACH).to_rfc3339());
        format!(
            "{tenant}\t{conversation}\t{contact}\t{channel}\ttelegram\told-{at}\topen\tnormal\t{unread}\t{EACH}\t{}\t\
             {last}\t{active}\t{begun}\t{active}\n",
            EACH - unread
        )
    }

    fn message(&self, seq: usize, at: usize, person: &Person) -> String {
        let Self { tenant, channel, .. } = self;
        let id = if seq == EACH { person.last } else { Uuid::now_v7() };
        let (contact, conversation) = (person.contact, person.conversation);
        let time = time_of(person, seq).to_rfc3339();
        format!(
            "{tenant}\t{id}\t{conversation}\t{seq}\t{channel}\tinbound\tcontact\t{contact}\tOld customer {at}\ttext\t\
             {WORDS} {seq}\t{{}}\told-{at}:{seq}\treceived\t0\tf\t{time}\n"
        )
    }

    async fn copy(&self, table: &str, columns: &str, rows: impl Iterator<Item = String>) -> Result<()> {
        let order = format!("COPY conversation.{table} ({columns}) FROM STDIN");
        let mut child = client(&self.url).args(["-c", &order]).stdin(Stdio::piped()).spawn()?;
        let mut input = BufWriter::with_capacity(1 << 20, child.stdin.take().context("piped")?);
        for row in rows {
            // psql says itself why it stopped reading
            if input.write_all(row.as_bytes()).await.is_err() {
                break;
            }
        }
        input.flush().await.ok();
        drop(input);
        ensure!(child.wait().await?.success(), "COPY into {table} failed");
        Ok(())
    }
}

fn time_of(person: &Person, seq: usize) -> DateTime<Utc> {
    person.begun + TimeDelta::minutes(i64::try_from(seq).unwrap_or_default())
}

fn client(url: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url]).kill_on_drop(true);
    command
}

async fn psql(url: &str, arguments: &[&str]) -> Result<String> {
    let output = client(url).args(arguments).output().await.context("psql does not run: `make deps`")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
