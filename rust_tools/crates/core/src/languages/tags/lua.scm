(function_declaration name: (identifier) @name body: (_) @body) @definition.function
(function_declaration name: (identifier) @name) @definition.function
(function_declaration
  name: [
    (dot_index_expression table: (_) @owner field: (_) @name)
    (method_index_expression table: (_) @owner method: (_) @name)
  ]
  body: (_) @body) @definition.method
(function_declaration
  name: [
    (dot_index_expression table: (_) @owner field: (_) @name)
    (method_index_expression table: (_) @owner method: (_) @name)
  ]) @definition.method
(assignment_statement
  (variable_list . name: (identifier) @name)
  (expression_list . value: (function_definition body: (_) @body))) @definition.function
(assignment_statement
  (variable_list . name: (dot_index_expression table: (_) @owner field: (_) @name))
  (expression_list . value: (function_definition body: (_) @body))) @definition.method
(assignment_statement (variable_list name: (identifier) @name)) @definition.variable
((variable_declaration
   (assignment_statement
     (expression_list value: (function_call name: (identifier) @_require)))) @import
 (#eq? @_require "require"))
(function_call
  name: [
    (identifier) @call
    (dot_index_expression field: (_) @call)
    (method_index_expression method: (_) @call)
  ])
