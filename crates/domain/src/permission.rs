//! What a caller may do: a catalogue of permissions, and built-in roles over it. Deny is the default.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantNames};

/// The built-in roles, each holding all that the ones before it hold.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Talks to contacts.
    Agent,
    /// Watches over agents' work.
    Supervisor,
    /// Runs the team: people and reports.
    Manager,
    /// Runs the tenant: channels, tokens, settings.
    Admin,
    /// Runs the installation: tenants. Given by the command line only.
    Operator,
}

/// One thing a caller may be allowed to do, and the lowest built-in role that is.
#[derive(Clone, Copy, Debug)]
pub struct Permission {
    /// Its name in proto and in API tokens.
    pub name: &'static str,
    /// What it allows, in plain words.
    pub about: &'static str,
    /// The lowest role that holds it.
    pub role: Role,
}

const fn permission(name: &'static str, role: Role, about: &'static str) -> Permission {
    Permission { name, about, role }
}

/// All permissions there are.
pub const CATALOGUE: &[Permission] = &[
    permission("profile.read", Role::Agent, "see one's own profile"),
    permission("contact.read", Role::Agent, "see contacts"),
    permission("contact.write", Role::Agent, "create and change contacts"),
    permission("contact.merge", Role::Agent, "merge contacts, and undo that"),
    permission("contact.import", Role::Manager, "take contacts from a file"),
    permission("contact.export", Role::Manager, "write all contacts into a file"),
    permission("contact.configure", Role::Admin, "change how contacts' channels are joined"),
    permission("conversation.read", Role::Agent, "see conversations and their messages"),
    permission("conversation.write", Role::Agent, "change status, priority and assignee of conversations"),
    permission("view.share", Role::Supervisor, "save views for everyone, and change them"),
    permission("canned_reply.share", Role::Supervisor, "save canned replies for everyone, and change them"),
    permission("macro.share", Role::Supervisor, "save macros for everyone, and change them"),
    permission("custom_field.write", Role::Admin, "make, change and delete custom fields"),
    permission("message.send", Role::Agent, "write messages to contacts"),
    permission("message.moderate", Role::Supervisor, "delete what others wrote"),
    permission("message.resolve", Role::Agent, "decide what happens to a message whose delivery is unclear"),
    permission("availability.write", Role::Agent, "set one's own availability"),
    permission("agent.read", Role::Supervisor, "see everybody's availability and load"),
    permission("agent.write", Role::Supervisor, "set everybody's availability and capacity"),
    permission("assignment.read", Role::Supervisor, "see how conversations are assigned"),
    permission("assignment.write", Role::Manager, "change how conversations are assigned"),
    permission("automation.read", Role::Supervisor, "see business hours and what happens by itself"),
    permission("automation.write", Role::Manager, "change business hours and what happens by itself"),
    permission("file.read", Role::Agent, "download files"),
    permission("file.write", Role::Agent, "upload files, and delete one's own"),
    permission("file.delete", Role::Supervisor, "delete files that others uploaded"),
    permission("voice.use", Role::Agent, "have speech written down and texts spoken"),
    permission("voice_settings.read", Role::Agent, "see what is done with voice messages"),
    permission("voice_settings.write", Role::Admin, "change what is done with voice messages"),
    permission("team.read", Role::Agent, "see teams and who is in them"),
    permission("team.write", Role::Manager, "make, change and delete teams"),
    permission("user.read", Role::Agent, "see the people of the tenant"),
    permission("channel.read", Role::Agent, "see channels and their health"),
    permission("user.write", Role::Manager, "invite, change and disable people of a role below one's own"),
    permission("tenant.read", Role::Agent, "see the tenant"),
    permission("channel.write", Role::Admin, "connect, change, enable and disable channels"),
    permission("token.read", Role::Admin, "see API tokens"),
    permission("token.write", Role::Admin, "create and revoke API tokens"),
    permission("analytics.read", Role::Supervisor, "see figures and reports"),
    permission("analytics.rebuild", Role::Admin, "compute all figures anew"),
    permission("audit.read", Role::Admin, "read and export the audit log"),
    permission("dead_letter.read", Role::Admin, "read what could not be handled"),
    permission("dead_letter.write", Role::Admin, "replay and discard what could not be handled"),
    permission("tenant.write", Role::Admin, "change the tenant"),
    permission("tenant.create", Role::Operator, "create tenants"),
    permission("key.rotate", Role::Operator, "rotate the signing keys"),
];

/// Looks a permission up by its name.
pub fn find(name: &str) -> Option<&'static Permission> {
    CATALOGUE.iter().find(|permission| permission.name == name)
}

impl Role {
    /// Whether this role holds the permission called `name`; an unknown name is held by nobody.
    pub fn allows(self, name: &str) -> bool {
        find(name).is_some_and(|permission| self >= permission.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_permission_is_held_by_nobody() {
        assert!(!Role::Operator.allows("no.such"));
        assert!(Role::Agent.allows("message.send") && !Role::Agent.allows("channel.write"));
        assert!(Role::Admin.allows("channel.write") && !Role::Admin.allows("tenant.create"));
    }
}
