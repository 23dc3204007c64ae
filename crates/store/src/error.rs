use sea_orm::{DbErr, RuntimeErr, SqlErr};
use weft_domain::Error;

/// What a database error means to a caller.
pub fn from_db(error: DbErr) -> Error {
    if let Some(SqlErr::UniqueConstraintViolation(_)) = error.sql_err() {
        return Error::conflict("already_exists", "it exists already").with_source(error);
    }
    match sql_state(&error).as_deref() {
        Some("55P03") => {
            Error::conflict("busy", "somebody else is changing this; try again").with_source(error)
        }
        Some("57014") => {
            Error::new(weft_domain::ErrorCode::Timeout, "database_timeout", "the database took too long")
                .with_source(error)
        }
        _ if is_worth_repeating(&error) || matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => {
            Error::unavailable("database_unavailable").with_source(error)
        }
        _ => Error::internal(error),
    }
}

/// Whether the whole transaction may be run again: serialisation failure, deadlock, shutdown, lost connection (TX-8).
pub(crate) fn is_worth_repeating(error: &DbErr) -> bool {
    if matches!(error, DbErr::Conn(_)) {
        return true;
    }
    match sql_state(error) {
        Some(state) => {
            state == "40001" || state == "40P01" || state.starts_with("57P0") || state.starts_with("08")
        }
        None => is_io(error),
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner))
        | DbErr::Conn(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

fn sql_state(error: &DbErr) -> Option<String> {
    let sqlx::Error::Database(inner) = sqlx_error(error)? else { return None };
    inner.code().map(|code| code.into_owned())
}

fn is_io(error: &DbErr) -> bool {
    matches!(
        sqlx_error(error),
        Some(
            sqlx::Error::Io(_)
                | sqlx::Error::PoolClosed
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::WorkerCrashed
        )
    )
}
