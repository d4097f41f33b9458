use super::{Outcome, exchange::*, file::Auth, ledger::Ledger, scope::Scope};
#[derive(Debug, Default)]
pub struct Tokens;
pub struct Credentials;
#[derive(Debug)]
pub struct AuthError;
impl std::fmt::Display for AuthError {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
impl AuthError {
    pub fn outcome(&self) -> Outcome {
        Outcome::Delivered { duplicate: false }
    }
}
impl Credentials {
    pub fn token(&self) -> minijinja::Value {
        Default::default()
    }
    pub fn apply(&self, _: &mut Outgoing, _: &Scope) -> Result<(), AuthError> {
        Ok(())
    }
    pub fn is_token(&self) -> bool {
        false
    }
}
impl Tokens {
    pub async fn prepare<L: Ledger>(
        &self,
        _: Option<&Auth>,
        _: &Scope,
        _: &Exchange<'_>,
        _: &mut L,
    ) -> Result<Credentials, AuthError> {
        Ok(Credentials)
    }
    pub fn refuse(&self, _: &Credentials) {}
}
