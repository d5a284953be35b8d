//! What other files need to know of a Python module, and what it needs of them: names, imports, uses, calls.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Pattern, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::signature::{Arity, Signature};
use crate::python::parse;

/// A Python file, read once.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Names that its importers can see, and what they are.
    pub(super) names: HashMap<String, Bound>,
    /// How often each name is bound outside classes: a name that is bound once means one thing.
    bindings: HashMap<String, u32>,
    /// It may have names that nobody can read from the text.
    pub(super) is_open: bool,
    pub(super) imports: Vec<Import>,
    pub(super) uses: Vec<Use>,
    pub(super) calls: Vec<Call>,
    /// Methods by class (where it begins) and name, unless the class makes or changes them in other ways.
    methods: HashMap<(TextSize, String), Option<Signature>>,
    /// Attributes that are assigned on any object.
    assigned_attributes: HashSet<String>,
}

/// What a name at the top of a module is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bound {
    /// Something that is called in a known way.
    Callable(Signature),
    /// A name of another module: `from module import name`.
    From { level: u32, module: String, name: String },
    /// A module: `import module`, `import package.module as name`.
    Module(String),
    /// Anything else.
    Other,
}

/// One imported name.
#[derive(Debug, Clone)]
pub(super) struct Import {
    pub(super) at: TextSize,
    pub(super) level: u32,
    pub(super) module: String,
    /// The name after `from … import`; nothing for `import module`.
    pub(super) name: Option<String>,
    /// A handler catches its failure, or it is for type checkers only.
    pub(super) is_optional: bool,
}

/// `name.attribute`, where it is read.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) at: TextSize,
    pub(super) name: String,
    pub(super) attribute: String,
}

/// A call of a plain name, of a name of a module, or of a method of the same object.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) at: TextSize,
    pub(super) callee: Callee,
    pub(super) arity: Arity,
}

#[derive(Debug, Clone)]
pub(super) enum Callee {
    Name(String),
    Attribute(String, String),
    OwnMethod { class: TextSize, method: String },
}

impl Module {
    /// Reads a file; nothing if it does not parse.
    pub(super) fn read(path: &str, text: &str) -> Option<Self> {
        let parsed = parse(path, text).filter(|parsed| parsed.errors().is_empty())?;
        let mut reader = Reader { module: Self::default(), scopes: vec![Scope::Module], optional: 0, conditions: 0 };
        reader.visit_body(parsed.suite());
        Some(reader.module)
    }

    /// What a name means wherever it stands in the file, if it means one thing.
    pub(super) fn meaning(&self, name: &str) -> Option<&Bound> {
        self.names.get(name).filter(|_| self.bindings.get(name) == Some(&1))
    }

    /// How a method of a class is called on an object of it, the object left out.
    pub(super) fn method(&self, class: TextSize, method: &str) -> Option<&Signature> {
        let known = self.methods.get(&(class, method.to_owned()))?.as_ref();
        known.filter(|_| !self.assigned_attributes.contains(method))
    }
}

enum Scope {
    Module,
    Class(TextSize),
    Function,
}

struct Reader {
    module: Module,
    scopes: Vec<Scope>,
    /// How many handlers of failures, or questions whether something is there, are around.
    optional: u32,
    /// How many conditions are around.
    conditions: u32,
}

impl Reader {
    fn bind(&mut self, name: &str, what: Bound) {
        match self.scopes.last() {
            Some(Scope::Class(class)) => {
                // Whatever is bound in a class beside its functions is not looked into.
                let key = (*class, name.to_owned());
                self.module.methods.insert(key, None);
                return;
            }
            Some(Scope::Module) => {
                let known = self.module.names.entry(name.to_owned());
                known.and_modify(|known| *known = Bound::Other).or_insert(what);
            }
            _ => {}
        }
        *self.module.bindings.entry(name.to_owned()).or_default() += 1;
    }

    fn function(&mut self, function: &ast::StmtFunctionDef) {
        let plain = function.decorator_list.is_empty();
        let signature = Signature::of(&function.parameters);
        if let Some(Scope::Class(class)) = self.scopes.last() {
            let signature = match &*function.decorator_list {
                [] => signature.bound(),
                [only] if is_named(&only.expression, "staticmethod") => Some(signature),
                [only] if is_named(&only.expression, "classmethod") => signature.bound(),
                _ => None,
            };
            let key = (*class, function.name.to_string());
            let known = self.module.methods.entry(key);
            known.and_modify(|twice| *twice = None).or_insert(signature);
            return;
        }
        let what = if plain { Bound::Callable(signature) } else { Bound::Other };
        self.bind(&function.name, what);
        if &*function.name == "__getattr__" {
            self.module.is_open = true;
        }
    }

    fn import(&mut self, import: &ast::StmtImport) {
        for alias in &import.names {
            let module = alias.name.to_string();
            self.add_import(alias.start(), 0, &module, None);
            match &alias.asname {
                Some(name) => self.bind(name, Bound::Module(module)),
                // `import a.b` and `import a.c` bind the same thing.
                None if module.contains('.') => {
                    let top = module.split('.').next().unwrap_or_default().to_owned();
                    let again = self.module.names.get(&top) == Some(&Bound::Other);
                    if !again || !matches!(self.scopes.last(), Some(Scope::Module)) {
                        self.bind(&top, Bound::Other);
                    }
                }
                None => self.bind(&module.clone(), Bound::Module(module)),
            }
        }
    }

    fn import_from(&mut self, import: &ast::StmtImportFrom) {
        let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
        for alias in &import.names {
            let name = alias.name.to_string();
            if name == "*" {
                self.module.is_open = true;
                self.add_import(alias.start(), import.level, &module, None);
                continue;
            }
            self.add_import(alias.start(), import.level, &module, Some(name.clone()));
            let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
            self.bind(&bound, Bound::From { level: import.level, module: module.clone(), name });
        }
    }

    fn add_import(&mut self, at: TextSize, level: u32, module: &str, name: Option<String>) {
        let module = module.to_owned();
        self.module.imports.push(Import { at, level, module, name, is_optional: self.optional + self.conditions > 0 });
    }

    fn call(&mut self, call: &ast::ExprCall) {
        let Some(arity) = Arity::of(&call.arguments) else { return };
        let callee = match &*call.func {
            Expr::Name(name) if !matches!(self.scopes.last(), Some(Scope::Class(_))) => {
                Callee::Name(name.id.to_string())
            }
            Expr::Attribute(attribute) => match (&*attribute.value, self.class_around()) {
                (Expr::Name(object), Some(class)) if object.id == "self" => {
                    Callee::OwnMethod { class, method: attribute.attr.to_string() }
                }
                (Expr::Name(object), _) => Callee::Attribute(object.id.to_string(), attribute.attr.to_string()),
                _ => return,
            },
            _ => return,
        };
        self.module.calls.push(Call { at: call.func.start(), callee, arity });
    }

    /// The class of the method that is being read; nothing in functions inside of it.
    fn class_around(&self) -> Option<TextSize> {
        match &self.scopes[..] {
            [.., Scope::Class(class), Scope::Function] => Some(*class),
            _ => None,
        }
    }

    fn inside(&mut self, scope: Scope, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        visit(self);
        self.scopes.pop();
    }

    fn optionally(&mut self, is_optional: bool, visit: impl FnOnce(&mut Self)) {
        self.optional += u32::from(is_optional);
        visit(self);
        self.optional -= u32::from(is_optional);
    }

    /// How a class is called, where it and its bases leave no doubt.
    fn constructor(class: &ast::StmtClassDef) -> Bound {
        let bare = class.arguments.as_ref().is_none_or(|arguments| {
            arguments.keywords.is_empty() && arguments.args.iter().all(|base| is_named(base, "object"))
        });
        if !bare || !class.decorator_list.is_empty() {
            return Bound::Other;
        }
        let mut found = Some(Signature::empty());
        let mut constructors = 0;
        for statement in &class.body {
            match statement {
                Stmt::FunctionDef(function) if &*function.name == "__init__" => {
                    constructors += 1;
                    let plain = function.decorator_list.is_empty();
                    found = Signature::of(&function.parameters).bound().filter(|_| plain);
                }
                Stmt::FunctionDef(function) if matches!(&*function.name, "__new__" | "__init_subclass__") => {
                    return Bound::Other;
                }
                // Anything else that a class can hold may define its constructor in another way.
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) | Stmt::Pass(_) | Stmt::Expr(_) | Stmt::AnnAssign(_) => {}
                Stmt::Assign(assign)
                    if !assign.targets.iter().any(|t| is_named(t, "__init__") || is_named(t, "__new__")) => {}
                _ => return Bound::Other,
            }
        }
        found.filter(|_| constructors < 2).map_or(Bound::Other, Bound::Callable)
    }
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.function(function);
                // What stands in the header belongs to the scope around.
                function.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                function
                    .parameters
                    .iter_non_variadic_params()
                    .filter_map(|p| p.default())
                    .for_each(|d| self.visit_expr(d));
                self.inside(Scope::Function, |reader| {
                    function.parameters.iter().for_each(|p| reader.bind(p.name(), Bound::Other));
                    reader.visit_body(&function.body);
                });
                return;
            }
            Stmt::ClassDef(class) => {
                self.bind(&class.name, Self::constructor(class));
                class.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                class.arguments.iter().for_each(|arguments| self.visit_arguments(arguments));
                self.inside(Scope::Class(class.start()), |reader| reader.visit_body(&class.body));
                return;
            }
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            // The name lives in the module although a function binds it.
            Stmt::Global(global) => {
                for name in &global.names {
                    self.module.names.insert(name.to_string(), Bound::Other);
                }
            }
            Stmt::Try(block) => {
                let catches = !block.handlers.is_empty();
                self.optionally(catches, |reader| reader.visit_body(&block.body));
                self.optionally(catches, |reader| {
                    block.handlers.iter().for_each(|handler| reader.visit_except_handler(handler));
                });
                self.visit_body(&block.orelse);
                self.visit_body(&block.finalbody);
                return;
            }
            Stmt::If(branch) => {
                // Where a condition decides, an import may never be tried.
                self.conditions += 1;
                self.optionally(asks(&branch.test), |reader| visitor::walk_stmt(reader, statement));
                self.conditions -= 1;
                return;
            }
            Stmt::With(with) if with.items.iter().any(|item| mentions(&item.context_expr, "suppress")) => {
                self.optionally(true, |reader| visitor::walk_stmt(reader, statement));
                return;
            }
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(one) = handler;
        if let Some(name) = &one.name {
            self.bind(name, Bound::Other);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(capture) => capture.name.as_ref(),
            Pattern::MatchStar(capture) => capture.name.as_ref(),
            Pattern::MatchMapping(capture) => capture.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bind(name, Bound::Other);
        }
        visitor::walk_pattern(self, pattern);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx != ExprContext::Load => self.bind(&name.id, Bound::Other),
            Expr::Name(name) if matches!(name.id.as_str(), "globals" | "vars" | "exec" | "setattr" | "__import__") => {
                self.module.is_open = true;
            }
            Expr::Attribute(attribute) if attribute.ctx != ExprContext::Load => {
                self.module.assigned_attributes.insert(attribute.attr.to_string());
            }
            Expr::Attribute(attribute) => {
                if let Expr::Name(name) = &*attribute.value {
                    let (name, attribute) = (name.id.to_string(), attribute.attr.to_string());
                    // Modules that replace or extend themselves go through `sys.modules`.
                    self.module.is_open |= name == "sys" && attribute == "modules";
                    if self.optional == 0 {
                        self.module.uses.push(Use { at: expression.start(), name, attribute });
                    }
                }
            }
            Expr::Call(call) => self.call(call),
            Expr::If(choice) if asks(&choice.test) => {
                self.optionally(true, |reader| visitor::walk_expr(reader, expression));
                return;
            }
            Expr::BoolOp(both) if both.values.iter().any(asks) => {
                self.optionally(true, |reader| visitor::walk_expr(reader, expression));
                return;
            }
            Expr::Lambda(lambda) => {
                for parameter in lambda.parameters.iter().flat_map(|parameters| parameters.iter()) {
                    self.inside(Scope::Function, |reader| reader.bind(parameter.name(), Bound::Other));
                }
                self.inside(Scope::Function, |reader| visitor::walk_expr(reader, expression));
                return;
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }

    /// Names in annotations may be meant for type checkers only.
    fn visit_annotation(&mut self, _: &'a Expr) {}
}

/// Whether a condition asks if something is there.
fn asks(test: &Expr) -> bool {
    struct Asks(bool);
    impl<'a> Visitor<'a> for Asks {
        fn visit_expr(&mut self, expression: &'a Expr) {
            self.0 |=
                is_named(expression, "hasattr") || is_named(expression, "getattr") || mentions(expression, "version");
            visitor::walk_expr(self, expression);
        }
    }
    let mut found = Asks(false);
    found.visit_expr(test);
    found.0
}

fn is_named(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Name(found) if found.id == name)
}

fn mentions(expression: &Expr, word: &str) -> bool {
    match expression {
        Expr::Call(call) => mentions(&call.func, word),
        Expr::Attribute(attribute) => attribute.attr.contains(word),
        Expr::Name(name) => name.id.contains(word),
        _ => false,
    }
}
