//! What a function takes, and whether a call fits it.

use ruff_python_ast::{Arguments, Parameters};

/// The parameters of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    positional_only: Vec<Parameter>,
    positional: Vec<Parameter>,
    keyword_only: Vec<Parameter>,
    takes_more: bool,
    takes_any_keyword: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameter {
    name: String,
    required: bool,
}

/// The arguments of a call, as far as their number and names are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arity {
    positional: usize,
    keywords: Vec<String>,
}

impl Arity {
    /// Nothing where `*` or `**` hides how many there are.
    pub(super) fn of(arguments: &Arguments) -> Option<Self> {
        let unpacked = arguments.args.iter().any(ruff_python_ast::Expr::is_starred_expr);
        let keywords: Option<Vec<String>> =
            arguments.keywords.iter().map(|keyword| Some(keyword.arg.as_ref()?.to_string())).collect();
        (!unpacked).then_some(Self { positional: arguments.args.len(), keywords: keywords? })
    }
}

impl Signature {
    pub(super) fn of(parameters: &Parameters) -> Self {
        let all = |list: &[ruff_python_ast::ParameterWithDefault]| {
            let one = |p: &ruff_python_ast::ParameterWithDefault| Parameter {
                name: p.parameter.name.to_string(),
                required: p.default.is_none(),
            };
            list.iter().map(one).collect()
        };
        Self {
            positional_only: all(&parameters.posonlyargs),
            positional: all(&parameters.args),
            keyword_only: all(&parameters.kwonlyargs),
            takes_more: parameters.vararg.is_some(),
            takes_any_keyword: parameters.kwarg.is_some(),
        }
    }

    /// Of a class without a constructor of its own.
    pub(super) fn empty() -> Self {
        Self {
            positional_only: Vec::new(),
            positional: Vec::new(),
            keyword_only: Vec::new(),
            takes_more: false,
            takes_any_keyword: false,
        }
    }

    /// Without the parameter that the object or class itself is passed as; nothing if there is none.
    pub(super) fn bound(mut self) -> Option<Self> {
        if !self.positional_only.is_empty() {
            self.positional_only.remove(0);
        } else if !self.positional.is_empty() {
            self.positional.remove(0);
        } else if !self.takes_more {
            return None;
        }
        Some(self)
    }

    /// Why a call does not fit, as the end of a sentence that begins with the name of the function.
    pub(super) fn refuses(&self, call: &Arity) -> Option<String> {
        let by_place: Vec<&Parameter> = self.positional_only.iter().chain(&self.positional).collect();
        if call.positional > by_place.len() && !self.takes_more {
            let given = call.positional;
            return Some(format!("takes {} by position, {given} given; its parameters: {self}", by_place.len()));
        }
        let filled = |name: &str| {
            by_place.iter().take(call.positional).any(|p| p.name == name) || call.keywords.iter().any(|k| k == name)
        };
        let by_name = || self.positional.iter().chain(&self.keyword_only);
        let unknown = call.keywords.iter().find(|keyword| !by_name().any(|p| p.name == **keyword));
        if let Some(keyword) = unknown.filter(|_| !self.takes_any_keyword) {
            return Some(format!("has no parameter `{keyword}`; its parameters: {self}"));
        }
        let missing = by_place.iter().copied().chain(&self.keyword_only).find(|p| p.required && !filled(&p.name));
        missing.map(|parameter| format!("misses the argument `{}`; its parameters: {self}", parameter.name))
    }
}

impl std::fmt::Display for Signature {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts: Vec<String> = self.positional_only.iter().map(ToString::to_string).collect();
        if !parts.is_empty() {
            parts.push("/".to_owned());
        }
        parts.extend(self.positional.iter().map(ToString::to_string));
        if self.takes_more {
            parts.push("*args".to_owned());
        } else if !self.keyword_only.is_empty() {
            parts.push("*".to_owned());
        }
        parts.extend(self.keyword_only.iter().map(ToString::to_string));
        if self.takes_any_keyword {
            parts.push("**kwargs".to_owned());
        }
        write!(out, "({})", parts.join(", "))
    }
}

impl std::fmt::Display for Parameter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}{}", self.name, if self.required { "" } else { "=…" })
    }
}

#[cfg(test)]
mod tests {
    use ruff_python_ast::{Expr, Stmt};

    use super::*;
    use crate::python::parse;

    fn refused(parameters: &str, arguments: &str) -> Option<String> {
        let parsed = parse("a.py", &format!("def f({parameters}): ...\nf({arguments})\n"));
        let suite = parsed.expect("it parses").into_suite();
        let (Stmt::FunctionDef(function), Stmt::Expr(statement)) = (&suite[0], &suite[1]) else { return None };
        let Expr::Call(call) = &*statement.value else { return None };
        Signature::of(&function.parameters).refuses(&Arity::of(&call.arguments)?)
    }

    #[test]
    fn calls_that_fit_are_not_refused() {
        for (parameters, arguments) in [
            ("", ""),
            ("a, b=1", "1"),
            ("a, b=1", "a=1, b=2"),
            ("a, /, b, *, c=3", "1, b=2, c=4"),
            ("*args, **kwargs", "1, 2, x=3"),
            ("a, **rest", "1, b=2"),
            ("a, b", "*both"),
            ("a, b", "**both"),
            ("a, /, **rest", "1, a=2"),
        ] {
            assert_eq!(refused(parameters, arguments), None, "{parameters} <- {arguments}");
        }
    }

    #[test]
    fn calls_that_do_not_fit_are_told_why() {
        for (parameters, arguments, why) in [
            ("a", "1, 2", "takes 1 by position, 2 given; its parameters: (a)"),
            ("a, b=1", "", "misses the argument `a`; its parameters: (a, b=…)"),
            ("a, *, b", "1", "misses the argument `b`; its parameters: (a, *, b)"),
            ("a, *, b", "1, 2", "takes 1 by position, 2 given; its parameters: (a, *, b)"),
            ("a", "b=1", "has no parameter `b`; its parameters: (a)"),
            ("a, /", "a=1", "has no parameter `a`; its parameters: (a, /)"),
            ("*args, b", "1", "misses the argument `b`; its parameters: (*args, b)"),
        ] {
            assert_eq!(refused(parameters, arguments).as_deref(), Some(why), "{parameters} <- {arguments}");
        }
    }
}
