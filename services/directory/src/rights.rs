use weft_auth::Principal;
use weft_domain::{Error, ErrorCode, Result, Role, parse_word, permission::CATALOGUE};

/// A role that the API can give; `operator` is given by the command line only.
pub(crate) fn read_role(text: &str) -> Result<Role> {
    let role = parse_word("role", text)?;
    if role == Role::Operator {
        let words = "`role` must be one of agent, supervisor, manager, admin";
        return Err(Error::invalid_field("role", words));
    }
    Ok(role)
}

/// Refuses to give a role to somebody, or to change somebody who has it, unless the caller may do all that the role may.
/// A token with few permissions must not make a person with many.
pub(crate) fn require_power_over(caller: &Principal, role: Role) -> Result<()> {
    let lacks_nothing =
        CATALOGUE.iter().filter(|permission| role.allows(permission.name)).all(|it| caller.may(it.name));
    if role <= caller.role && lacks_nothing {
        return Ok(());
    }
    let words = format!("only somebody who may do all that `{role}` may do can do this");
    Err(Error::new(ErrorCode::Forbidden, "role_too_high", words).with_field("role"))
}

#[cfg(test)]
mod tests {
    use weft_auth::Subject;
    use weft_domain::id;

    use super::*;

    fn caller(role: Role, scopes: Option<&[&str]>) -> Principal {
        Principal {
            tenant: id::new(),
            subject: Subject::User(id::new(), id::new()),
            role,
            scopes: scopes.map(|names| names.iter().map(|&name| name.to_owned()).collect()),
            issued_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn nobody_makes_somebody_who_may_do_more_than_they_may() {
        assert!(require_power_over(&caller(Role::Manager, None), Role::Manager).is_ok());
        assert!(require_power_over(&caller(Role::Manager, None), Role::Admin).is_err());
        assert!(require_power_over(&caller(Role::Admin, Some(&["user.write"])), Role::Agent).is_err());
        assert_eq!(read_role("operator").unwrap_err().field(), Some("role"));
        assert_eq!(read_role("boss").unwrap_err().field(), Some("role"));
    }
}
