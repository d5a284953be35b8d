(function_definition name: (word) @name body: (_) @body) @definition.function
(declaration_command "readonly" (variable_assignment name: (variable_name) @name)) @definition.constant
(declaration_command (variable_assignment name: (variable_name) @name)) @definition.variable
(variable_assignment name: (variable_name) @name) @definition.variable
((command name: (command_name (word) @_source)) @import (#any-of? @_source "source" "."))
(command name: (command_name (word) @call))
