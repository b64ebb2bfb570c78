import { plant } from "../../model/faults/plant.ts";
import { FAULTS } from "./planted.ts";

/** Loaded into a worker before its own code (`node --import`), this plants one of the faults. */
plant(FAULTS);
