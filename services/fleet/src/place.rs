//! What a service needs of those around it: the ways it is given, its network rules and its share of a machine follow from it.

/// Where a service stands in the fleet.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The services it calls; it is given no other way.
    pub calls: &'static [&'static str],
    /// Whether it asks the cache that replicas share; it is given none otherwise.
    pub caches: bool,
    /// What people and providers outside call at it: a path, or with a slash at its end all paths below.
    pub outside: &'static [&'static str],
    /// The size of the volume that its replicas share and that outlives them, if its data folder holds anything of worth.
    pub keeps: Option<&'static str>,
    /// Whether it calls the internet.
    pub internet: bool,
    /// The ports it calls there besides that of https.
    pub ports: &'static [u16],
    /// Its share of a machine.
    pub size: Size,
}

/// A share of a machine, by what a service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Holds sockets and answers people.
    Edge,
    /// Takes in what adapters bring.
    Intake,
    /// Handles files.
    Files,
    /// Answers calls and follows events.
    Service,
    /// Runs programs over recordings.
    Speech,
    /// Speaks with one provider.
    Adapter,
}

/// What a process asks of its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Thousandths of a core that it has for sure.
    pub cpu_millis: u32,
    /// MiB that it has for sure.
    pub memory_mib: u32,
    /// MiB at which it is ended.
    pub memory_limit_mib: u32,
}

impl Place {
    /// A service of this size that calls nobody.
    pub const fn of(size: Size) -> Self {
        Self { calls: &[], caches: false, outside: &[], keeps: None, internet: false, ports: &[], size }
    }

    /// An adapter whose host answers at these paths.
    pub const fn adapter(outside: &'static [&'static str]) -> Self {
        Self::of(Size::Adapter).calling(&["directory", "media"]).caching().answering(outside)
    }

    /// The same, and it calls these services.
    #[must_use]
    pub const fn calling(mut self, services: &'static [&'static str]) -> Self {
        self.calls = services;
        self
    }

    /// The same, and it asks the cache.
    #[must_use]
    pub const fn caching(mut self) -> Self {
        self.caches = true;
        self
    }

    /// The same, and it is called from outside.
    #[must_use]
    pub const fn answering(mut self, paths: &'static [&'static str]) -> Self {
        self.outside = paths;
        self
    }

    /// The same, and its data folder is a volume of this size.
    #[must_use]
    pub const fn keeping(mut self, size: &'static str) -> Self {
        self.keeps = Some(size);
        self
    }

    /// The same, and it calls the internet.
    #[must_use]
    pub const fn reaching_out(mut self) -> Self {
        self.internet = true;
        self
    }

    /// The same, and it calls the internet at these ports as well.
    #[must_use]
    pub const fn reaching_out_at(mut self, ports: &'static [u16]) -> Self {
        self.ports = ports;
        self.reaching_out()
    }
}

impl Size {
    /// What a process of this size asks for where it has work. At rest each was measured at 37 to 54 MB (`make load`); the rest is
    /// for sockets and what they read (edge), batches (intake), files in memory (files, adapters), passwords (services) and two programs of up to 1 GiB (speech).
    pub const fn busy(self) -> Resources {
        let (cpu_millis, memory_mib, memory_limit_mib) = match self {
            Self::Edge => (500, 256, 1024),
            Self::Intake => (500, 192, 768),
            Self::Files => (250, 192, 768),
            Self::Service => (100, 96, 384),
            Self::Speech => (500, 256, 2560),
            Self::Adapter => (100, 96, 640),
        };
        Resources { cpu_millis, memory_mib, memory_limit_mib }
    }

    /// What it asks for where hardly anybody comes.
    pub const fn small(self) -> Resources {
        Resources { cpu_millis: 25, memory_mib: 64, ..self.busy() }
    }
}
