//! What the visitor has chosen so far: the state of the flow that fits into an address.

use crm_protocol::booking::{Offer, Service};

/// Department, service, practitioner and day, in the order in which they are asked. Nothing personal is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Key of the department.
    pub department: Option<String>,
    /// Key of the service.
    pub service: Option<String>,
    /// Who does it.
    pub who: Option<Who>,
    /// The day, ISO 8601.
    pub day: Option<String>,
    /// Whether the days are shown as a list, not as a calendar.
    pub list: bool,
}

/// Who does the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever is free first.
    Anyone,
    /// The practitioner of that key.
    One(String),
}

/// What is to be asked next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ask {
    /// Which department.
    #[default]
    Department,
    /// Which of its services.
    Service,
    /// With whom.
    Who,
    /// When.
    When,
}

/// The practitioner's word for [`Who::Anyone`] in an address.
const ANYONE: &str = "any";

impl Who {
    /// Its word in an address.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Anyone => ANYONE,
            Self::One(key) => key,
        }
    }

    /// The practitioner of that word.
    pub fn parse(word: &str) -> Self {
        if word == ANYONE { Self::Anyone } else { Self::One(word.to_owned()) }
    }

    /// The practitioner's key, where there is one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Anyone => None,
            Self::One(key) => Some(key),
        }
    }
}

impl Choice {
    /// Takes one parameter of an address; others are left alone.
    pub fn set(&mut self, name: &str, value: &str) {
        let text = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match name {
            "department" => self.department = text(),
            "service" => self.service = text(),
            "practitioner" => self.who = text().map(|word| Who::parse(&word)),
            "day" => self.day = text(),
            "as" => self.list = value == "list",
            _ => {}
        }
    }

    /// The choice of an address, or of anything behind its `?`. Keys, days and instants need no escapes; what has some
    /// is nothing of ours.
    pub fn of_address(address: &str) -> Self {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let mut choice = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or_default();
            choice.set(name, value);
        }
        choice
    }

    /// The parameters of its address, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let who = self.who.as_ref().map(Who::as_str);
        let texts = [
            ("department", self.department.as_deref()),
            ("service", self.service.as_deref()),
            ("practitioner", who),
            ("day", self.day.as_deref()),
            ("as", self.list.then_some("list")),
        ];
        texts.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }

    /// Drops what the site does not offer and makes the choices that are none: the only department, its only service,
    /// the only practitioner.
    pub fn settle(&mut self, offer: &Offer) {
        if let Some(service) = self.service.as_deref().and_then(|key| offer.service(key)) {
            self.department = Some(service.department.clone());
        } else {
            self.service = None;
        }
        self.department.take_if(|key| offer.department(key).is_none());
        if self.department.is_none() {
            let mut departments = offer.departments.iter();
            self.department =
                departments.next().filter(|_| departments.next().is_none()).map(|one| one.key.clone());
        }
        if self.service.is_none() {
            let mut services = self.services(offer);
            let only = services.next().filter(|_| services.next().is_none());
            self.service = only.filter(|_| self.department.is_some()).map(|one| one.key.clone());
        }
        self.settle_who(offer);
    }

    fn settle_who(&mut self, offer: &Offer) {
        let Some(service) = self.service(offer) else {
            (self.who, self.day) = (None, None);
            return;
        };
        match (service.practitioners.as_slice(), &self.who) {
            ([only], _) => self.who = Some(Who::One(only.clone())),
            (many, Some(Who::One(key))) if !many.contains(key) => self.who = None,
            _ => {}
        }
        if self.who.is_none() {
            self.day = None;
        }
    }

    /// The services to choose from: the department's, or all.
    pub fn services<'a>(&self, offer: &'a Offer) -> impl Iterator<Item = &'a Service> + use<'a> {
        let department = self.department.clone();
        offer
            .services
            .iter()
            .filter(move |service| department.as_ref().is_none_or(|key| *key == service.department))
    }

    /// The chosen service.
    pub fn service<'a>(&self, offer: &'a Offer) -> Option<&'a Service> {
        offer.service(self.service.as_deref()?)
    }

    /// What is to be asked next, once it was settled.
    pub fn ask(&self) -> Ask {
        match (&self.department, &self.service, &self.who) {
            (None, None, _) => Ask::Department,
            (_, None, _) => Ask::Service,
            (_, _, None) => Ask::Who,
            _ => Ask::When,
        }
    }

    /// The same with another department.
    pub fn with_department(&self, key: &str) -> Self {
        Self { department: Some(key.to_owned()), list: self.list, ..Self::default() }
    }

    /// The same with another service.
    pub fn with_service(&self, key: &str) -> Self {
        Self { service: Some(key.to_owned()), list: self.list, ..Self::default() }
    }

    /// The same with another practitioner.
    pub fn with_who(&self, who: Who) -> Self {
        Self { who: Some(who), ..self.clone() }
    }

    /// The same with another day.
    pub fn with_day(&self, day: &str) -> Self {
        Self { day: Some(day.to_owned()), ..self.clone() }
    }

    /// The same before that was asked.
    pub fn before(&self, ask: Ask) -> Self {
        let mut before = Self { day: None, ..self.clone() };
        if ask != Ask::When {
            before.who = None;
        }
        if matches!(ask, Ask::Service | Ask::Department) {
            before.service = None;
        }
        if ask == Ask::Department {
            before.department = None;
        }
        before
    }
}
