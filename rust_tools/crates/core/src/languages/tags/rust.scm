(function_item name: (_) @name body: (_) @body) @definition.function
(function_signature_item name: (_) @name) @definition.function
(struct_item name: (_) @name body: (field_declaration_list) @body) @definition.struct
(struct_item name: (_) @name) @definition.struct
(union_item name: (_) @name body: (_) @body) @definition.struct
(enum_item name: (_) @name body: (_) @body) @definition.enum
(trait_item name: (_) @name body: (_) @body) @definition.trait
(type_item name: (_) @name) @definition.type
(associated_type name: (_) @name) @definition.type
(const_item name: (_) @name) @definition.constant
(static_item name: (_) @name) @definition.variable
(mod_item name: (_) @name body: (_) @body) @definition.module
(mod_item name: (_) @name) @definition.module
(macro_definition name: (_) @name (macro_rule) @body) @definition.macro

(impl_item type: (type_identifier) @name) @scope
(impl_item type: (generic_type type: (type_identifier) @name)) @scope
(impl_item type: (scoped_type_identifier name: (_) @name)) @scope
(impl_item type: (reference_type type: (type_identifier) @name)) @scope

(field_declaration name: (_) @defines)
(enum_variant name: (_) @defines)

(use_declaration) @import
(extern_crate_declaration) @import
(macro_invocation macro: (identifier) @call)
(generic_function function: (identifier) @call)
(generic_function function: (scoped_identifier name: (_) @call))
(generic_function function: (field_expression field: (_) @call))
