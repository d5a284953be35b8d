(protocol_declaration name: (_) @name body: (_) @body) @definition.interface
(class_declaration declaration_kind: "struct" name: (_) @name body: (_) @body) @definition.struct
(class_declaration declaration_kind: "enum" name: (_) @name body: (_) @body) @definition.enum
(class_declaration
  declaration_kind: "extension"
  name: (user_type (type_identifier) @name)) @scope
(class_declaration name: (type_identifier) @name body: (_) @body) @definition.class
(function_declaration name: (simple_identifier) @name body: (_) @body) @definition.function
(protocol_function_declaration name: (simple_identifier) @name) @definition.function
(init_declaration "init" @name body: (_) @body) @definition.method
(subscript_declaration "subscript" @name (computed_property) @body) @definition.method
(property_declaration
  name: (pattern bound_identifier: (_) @name)
  computed_value: (_) @body) @definition.property
(property_declaration name: (pattern bound_identifier: (_) @name)) @definition.property
(protocol_property_declaration name: (pattern bound_identifier: (_) @name)) @definition.property
(typealias_declaration name: (type_identifier) @name) @definition.type
(enum_entry name: (simple_identifier) @defines)
(import_declaration) @import
(call_expression (simple_identifier) @call)
(call_expression (navigation_expression suffix: (navigation_suffix suffix: (_) @call)))
