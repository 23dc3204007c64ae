//! Files that containers read.

use serde_json::json;

use crate::{
    deployment::{self, File, configuration},
    roster,
};

const HEAD: &str = "# Written by `weft emit compose` from the roster: change it there.\n";

/// The secrets that an installation chooses, with how to make each.
pub(super) fn environment() -> File {
    let hex = "openssl rand -hex 24";
    let secrets = [
        ("WEFT_POSTGRES_PASSWORD", "PostgreSQL's superuser", hex),
        ("WEFT_OWNER_PASSWORD", "the role that owns the tables; migrations use it", hex),
        ("WEFT_SERVICE_PASSWORD", "the role of the services", hex),
        ("WEFT_SYSTEM_PASSWORD", "the role for work across tenants", hex),
        ("WEFT_REDIS_PASSWORD", "the cache", hex),
        ("WEFT_FLEET_SECRET", "what services prove themselves with", hex),
        (
            "WEFT_KEY_ENCRYPTION_KEY",
            "the key that wraps all other keys: keep a copy, without it sealed values are lost",
            "openssl rand -base64 32",
        ),
        ("WEFT_GRAFANA_PASSWORD", "Grafana's user `admin`", hex),
    ];
    let mut text = format!(
        "{HEAD}# Copy it to .env beside docker-compose.yml, fill it in, and let nobody else read it.\n"
    );
    for (name, what, how) in secrets {
        text += &format!("\n# {what}: {how}\n{name}=\n");
    }
    text += "\n# where people and providers reach it, and the port on this machine\n";
    text += "WEFT_PUBLIC_URL=http://localhost:8080\nWEFT_PORT=8080\n";
    File::new("deploy/compose.env.example", text)
}

/// The proxy: the paths of each service, the gateway's last. Replicas are looked up by name, again and again.
pub(super) fn edge() -> File {
    let mut text = format!("{HEAD}{{\n\tadmin off\n\tauto_https off\n}}\n\n:{} {{\n", deployment::HTTP_PORT);
    let all = || {
        roster::ENTRIES.iter().flat_map(|entry| entry.place.outside.iter().map(|path| (entry.name, *path)))
    };
    let (rest, own): (Vec<_>, Vec<_>) = all().partition(|(_, path)| *path == "/");
    for (service, path) in own.into_iter().chain(rest) {
        let path = if path.ends_with('/') { format!("{path}*") } else { path.to_owned() };
        text += &format!(
            "\thandle {path} {{\n\t\treverse_proxy {{\n\t\t\tdynamic a {service} {} {{\n\t\t\t\trefresh 5s\n\t\t\t}}\n\t\t}}\n\t}}\n",
            deployment::HTTP_PORT,
        );
    }
    File::new("deploy/compose/edge.Caddyfile", text + "}\n")
}

/// PostgreSQL's roles, made when its volume is empty.
pub(super) fn roles() -> File {
    let text = format!(
        "#!/bin/sh
{HEAD}# Services own nothing and are bound by row security; the owner alone changes tables.
psql -v ON_ERROR_STOP=1 -U \"$POSTGRES_USER\" -d \"$POSTGRES_DB\" \\
  -v owner=\"$OWNER_PASSWORD\" -v service=\"$SERVICE_PASSWORD\" -v system=\"$SYSTEM_PASSWORD\" -v database=\"$POSTGRES_DB\" <<'SQL'
CREATE ROLE weft_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner';
CREATE ROLE weft_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'service';
CREATE ROLE weft_system LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'system';
ALTER DATABASE :\"database\" OWNER TO weft_owner;
SQL
"
    );
    File::new("deploy/compose/postgres-roles.sh", text)
}

/// Every replica of every service: a name has as many addresses as replicas.
pub(super) fn prometheus() -> anyhow::Result<File> {
    let names: Vec<_> = roster::ENTRIES.iter().map(|entry| entry.name).collect();
    let config = json!({
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
        "rule_files": ["alerts.yml"],
        "scrape_configs": [{
            "job_name": "weft",
            "dns_sd_configs": [{"names": names, "type": "A", "port": deployment::ADMIN_PORT, "refresh_interval": "15s"}],
        }],
    });
    configuration("deploy/compose/prometheus.yml", HEAD, &config)
}
