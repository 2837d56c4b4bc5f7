//! Compiling rules into a set: first the rules over one document, then the correlations that look at them.

use crate::body::{self, Body};
use crate::code::Code;
use crate::compile::{Compiler, Names, NotCompiled};
use crate::correlation::{Correlated, Correlation, Directory, Linked, NotLinked, Slot, link};
use crate::detection::Detection;
use crate::error::{Place, RuleError};
use crate::filter::Filters;
use crate::index::{Index, Needs};
use crate::message::{self, Piece};
use crate::meta::Meta;
use crate::path::UNAVAILABLE;
use crate::rule::Rule;
use crate::set::{Compiled, Resting, RuleSet};
use crate::settings::Settings;
use crate::subject::RootTable;

impl RuleSet {
    /// Compiles rules. A rule that is wrong is left out and said; one that needs a placeholder rests.
    pub fn new(
        rules: impl IntoIterator<Item = Rule>,
        settings: &Settings,
        known_facts: &[&str],
    ) -> (Self, Vec<RuleError>) {
        let mut roots = Names::default();
        let mut facts = Names::default();
        let mut paths = Names::default();
        let mut compiler =
            Compiler { settings, known_facts, roots: &mut roots, facts: &mut facts, paths: &mut paths };
        let source = compiler.root("eventSource");
        let name = compiler.root("eventName");
        let unavailable = compiler.root(UNAVAILABLE);
        let (mut filters, mut all) = (Vec::new(), Vec::new());
        for rule in rules {
            match &rule.body {
                Body::Filter(filter) => filters.push((rule.meta, rule.place, filter.clone())),
                _ => all.push(rule),
            }
        }
        let filters = Filters::new(filters, &all, &mut compiler);
        let mut build = Build { filters, ..Build::default() };
        let mut pending = Vec::new();
        for rule in all {
            let Rule { meta, place, shipped, name, body, .. } = rule;
            match body {
                Body::Detection(detection) => {
                    build.rule(meta, place, shipped, name.as_deref(), &detection, &mut compiler);
                }
                Body::Correlation(correlation) => {
                    let slot = build.directory.add(&meta, name.as_deref(), Slot::Pending);
                    pending.push(Pending { meta, place, shipped, name, slot, correlation });
                }
                Body::Filter(_) => {}
            }
        }
        build.link(pending, &mut compiler);
        build.metas.sort_by_key(|(slot, _)| *slot);
        let Build { compiled, correlations, metas, mut resting, mut errors, index, filters, .. } = build;
        resting.extend(filters.resting);
        errors.extend(filters.errors);
        let table = RootTable::new(&roots);
        let metas = metas.into_iter().map(|(_, meta)| meta).collect();
        let set = Self {
            rules: compiled,
            correlations,
            metas,
            resting,
            index,
            table,
            facts,
            paths: paths.as_slice().len(),
            source,
            name,
            unavailable,
        };
        (set, errors)
    }
}

/// A rule by its number.
#[derive(Debug, Clone, Copy)]
enum Listed {
    Rule(usize),
    Correlation(usize),
}

/// A correlation whose rules are not looked up yet.
struct Pending {
    meta: Meta,
    place: Place,
    shipped: bool,
    name: Option<String>,
    slot: usize,
    correlation: Correlation,
}

/// A set while it is made.
#[derive(Default)]
struct Build {
    compiled: Vec<Compiled>,
    correlations: Vec<Correlated>,
    /// Which of these come with the program.
    shipped: Vec<bool>,
    shipped_correlations: Vec<bool>,
    metas: Vec<(usize, Meta)>,
    resting: Vec<Resting>,
    errors: Vec<RuleError>,
    index: Index,
    directory: Directory,
    filters: Filters,
}

impl Build {
    fn rule(
        &mut self,
        meta: Meta,
        place: Place,
        shipped: bool,
        name: Option<&str>,
        detection: &Detection,
        compiler: &mut Compiler<'_>,
    ) {
        let compiled = compiler.compile(detection).and_then(|expr| {
            let message = compiler.message(&meta)?;
            let dedup =
                meta.dedup.iter().map(|path| compiler.document_path(path)).collect::<Result<_, _>>()?;
            Ok((expr, message, dedup))
        });
        let slot = self.directory.add(&meta, name, Slot::Rule(self.compiled.len()));
        match compiled {
            Ok((expr, message, dedup)) => {
                let expr = self.filters.applied(expr, &meta, name, shipped);
                self.metas.push((slot, meta.clone()));
                self.judged(
                    Compiled { meta, expr, message, dedup, reported: true, feeds: Vec::new() },
                    shipped,
                );
            }
            Err(why) => self.left_out(meta, place, slot, whole(why, vec![detection], compiler.settings)),
        }
    }

    fn judged(&mut self, rule: Compiled, shipped: bool) {
        self.index.add(self.compiled.len(), &Needs::of(&rule.expr));
        self.compiled.push(rule);
        self.shipped.push(shipped);
    }

    fn left_out(&mut self, meta: Meta, place: Place, slot: usize, why: NotCompiled) {
        match why {
            NotCompiled::Needs(needs) => {
                self.directory.set(slot, Slot::Resting(needs.clone()));
                self.resting.push(Resting { meta, needs });
            }
            NotCompiled::Wrong(mut error) => {
                self.directory.set(slot, Slot::Wrong);
                if error.place.line == 0 {
                    error.place = place;
                }
                self.errors.push(error.in_file(&meta.origin));
            }
        }
    }

    /// Links correlations, those that others name first.
    fn link(&mut self, mut pending: Vec<Pending>, compiler: &mut Compiler<'_>) {
        let mut silenced: Vec<(Listed, bool)> = Vec::new();
        while !pending.is_empty() {
            let before = pending.len();
            let mut waiting = Vec::new();
            for each in pending {
                let levels: Vec<usize> = self.correlations.iter().map(|known| known.level).collect();
                let linked = compiler.message(&each.meta).map_err(NotLinked::Failed).and_then(|message| {
                    link(
                        &each.correlation,
                        &each.meta,
                        message,
                        each.slot,
                        &levels,
                        &self.directory,
                        compiler,
                    )
                });
                match linked {
                    Ok(linked) => self.put(linked, &each, &mut silenced),
                    Err(NotLinked::NotYet(place)) => waiting.push((place, each)),
                    Err(NotLinked::Failed(why)) => {
                        let own = each.correlation.steps.iter().filter_map(|step| step.own.as_ref());
                        let why = whole(why, own.collect(), compiler.settings);
                        self.left_out(each.meta, each.place, each.slot, why);
                    }
                }
            }
            if waiting.len() == before {
                for (place, each) in waiting {
                    let error = RuleError::new(
                        Code::CorrelationCircle,
                        place,
                        "correlations name each other in a circle",
                        "let one of them name rules over single events",
                    );
                    self.left_out(each.meta, each.place, each.slot, error.into());
                }
                break;
            }
            pending = waiting.into_iter().map(|(_, each)| each).collect();
        }
        self.silence(&silenced);
    }

    fn put(&mut self, linked: Linked, of: &Pending, silenced: &mut Vec<(Listed, bool)>) {
        let Linked { correlated, own, rules, correlations, generate } = linked;
        let number = self.correlations.len();
        for (expr, feed) in own {
            let expr = self.filters.applied(expr, &of.meta, of.name.as_deref(), of.shipped);
            let rule = Compiled {
                meta: of.meta.clone(),
                expr,
                message: Vec::new(),
                dedup: Vec::new(),
                reported: false,
                feeds: vec![feed],
            };
            self.judged(rule, of.shipped);
        }
        for (rule, feed) in rules {
            silenced.push((Listed::Rule(rule), generate));
            if let Some(rule) = self.compiled.get_mut(rule) {
                rule.feeds.push(feed);
            }
        }
        for (inner, feed) in correlations {
            silenced.push((Listed::Correlation(inner), generate));
            if let Some(inner) = self.correlations.get_mut(inner) {
                inner.feeds.push(feed);
            }
        }
        self.correlations.push(correlated);
        self.shipped_correlations.push(of.shipped);
        self.metas.push((of.slot, of.meta.clone()));
        self.directory.set(of.slot, Slot::Correlation(number));
    }

    /// A rule that a correlation names is not reported on its own, unless one of them wants that (`generate`), or it
    /// comes with the program: a user's correlation must not take a finding away that nobody asked to lose.
    fn silence(&mut self, named: &[(Listed, bool)]) {
        let wanted = |wanted: &dyn Fn(Listed) -> bool| {
            named.iter().any(|(listed, generate)| *generate && wanted(*listed))
        };
        for (listed, _) in named {
            match *listed {
                Listed::Rule(number) => {
                    let keep = self.shipped.get(number).copied().unwrap_or_default()
                        || wanted(&|other| matches!(other, Listed::Rule(other) if other == number));
                    if let Some(rule) = self.compiled.get_mut(number) {
                        rule.reported = keep;
                    }
                }
                Listed::Correlation(number) => {
                    let keep = self.shipped_correlations.get(number).copied().unwrap_or_default()
                        || wanted(&|other| matches!(other, Listed::Correlation(other) if other == number));
                    if let Some(rule) = self.correlations.get_mut(number) {
                        rule.reported = keep;
                    }
                }
            }
        }
    }
}

/// What a rule waits for, and not the first of it alone.
fn whole(why: NotCompiled, detections: Vec<&Detection>, settings: &Settings) -> NotCompiled {
    match why {
        NotCompiled::Needs(first) => {
            let needs = body::unset(detections, settings);
            NotCompiled::Needs(if needs.is_empty() { first } else { needs.join(", ") })
        }
        wrong @ NotCompiled::Wrong(_) => wrong,
    }
}

impl Compiler<'_> {
    fn root(&mut self, name: &str) -> usize {
        self.roots.number(name)
    }

    /// The sentence of a rule, or else its title.
    fn message(&mut self, meta: &Meta) -> Result<Vec<Piece>, NotCompiled> {
        let template = if meta.message.is_empty() { &meta.title } else { &meta.message };
        message::split(template)
            .into_iter()
            .map(|piece| match piece {
                Ok(text) => Ok(Piece::Text(text)),
                Err((path, default)) => match Piece::of_correlation(&path) {
                    Some(piece) => Ok(piece),
                    None => Ok(Piece::Field { path: self.document_path(&path)?, default }),
                },
            })
            .collect()
    }
}
