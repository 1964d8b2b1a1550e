-- a copy of the database tells the outside services nothing
UPDATE brp_connection
   SET state = 'inactive', problem = NULL, problem_date = NULL, failure = NULL, failures = 0, next_try = NULL
 WHERE state IN ('active', 'paused');
