use std::{collections::BTreeSet, fmt::Write};

use super::User;

const HEAD: &str = "# Written by `weft emit nats` from the roster: change it there.\n";

/// The file that says what TLS asks for.
pub const TLS_FILE: &str = "tls.conf";
/// What it says where nobody else is on the network.
pub const WITHOUT_TLS: &str = "# Without TLS, as `weft emit nats --plain` was asked.\n";

/// The server's files, by name. `keys.conf`, which `users.conf` includes, belongs to one installation: `make_keys` makes it.
pub fn files(users: &[User]) -> [(&'static str, String); 3] {
    [("nats.conf", server()), (TLS_FILE, tls()), ("users.conf", authorization(users))]
}

fn server() -> String {
    format!(
        "{HEAD}
listen: \"0.0.0.0:4222\"
# Probes and metrics; this machine only.
http: \"127.0.0.1:8222\"

jetstream {{
  store_dir: \"/data\"
  # What is acknowledged is on disk.
  sync_interval: always
}}

include \"tls.conf\"
include \"users.conf\"
"
    )
}

fn tls() -> String {
    format!(
        "{HEAD}
tls {{
  cert_file: \"/etc/nats/tls/tls.crt\"
  key_file: \"/etc/nats/tls/tls.key\"
  ca_file: \"/etc/nats/tls/ca.crt\"
  # A client shows a certificate of the fleet before it shows its key.
  verify: true
}}
"
    )
}

fn authorization(users: &[User]) -> String {
    // The server looks for variables in the including file only.
    let mut text = format!("{HEAD}\ninclude \"keys.conf\"\n\nauthorization {{\n  users: [\n");
    for user in users {
        let publish = list("allow", &user.publish) + &list("deny", &user.publish_not);
        let subscribe = list("allow", &user.subscribe);
        // Writing to a String cannot fail.
        _ = write!(
            text,
            "    # {name}\n    {{\n      nkey: ${variable}\n      permissions: {{\n        \
             publish: {{{publish}\n        }}\n        subscribe: {{{subscribe}\n        }}\n      }}\n    }}\n",
            name = user.name,
            variable = variable(&user.name),
        );
    }
    text + "  ]\n}\n"
}

fn list(name: &str, subjects: &BTreeSet<String>) -> String {
    if subjects.is_empty() {
        return String::new();
    }
    let lines: String = subjects.iter().map(|subject| format!("            \"{subject}\"\n")).collect();
    format!("\n          {name}: [\n{lines}          ]")
}

/// What a user's public key is called in the files.
pub(crate) fn variable(user: &str) -> String {
    format!("WEFT_NKEY_{}", user.to_uppercase().replace('-', "_"))
}
