(class_declaration "interface" name: (_) @name (class_body) @body) @definition.interface
(class_declaration "interface" name: (_) @name) @definition.interface
(class_declaration name: (_) @name (enum_class_body) @body) @definition.enum
(class_declaration name: (_) @name (class_body) @body) @definition.class
(class_declaration name: (_) @name) @definition.class
(object_declaration name: (_) @name (class_body) @body) @definition.class
(object_declaration name: (_) @name) @definition.class
(companion_object) @scope
(function_declaration
  (user_type (identifier) @owner) . "." . name: (_) @name
  (function_body) @body) @definition.function
(function_declaration name: (_) @name (function_body) @body) @definition.function
(function_declaration name: (_) @name) @definition.function
(property_declaration
  (modifiers (property_modifier) @_const)
  (variable_declaration (identifier) @name)
  (#eq? @_const "const")) @definition.constant
(property_declaration (variable_declaration (identifier) @name)) @definition.property
(type_alias type: (identifier) @name) @definition.type
(class_parameter (identifier) @defines)
(enum_entry (identifier) @defines)
(import) @import
(package_header) @import
(call_expression (identifier) @call)
(call_expression (navigation_expression (identifier) @call .))
