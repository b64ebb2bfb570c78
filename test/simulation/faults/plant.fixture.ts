import { plant } from "../../model/faults/plant.ts";
import { FAULTS } from "./planted.ts";

/** Loaded before anything else (`node --import`), this plants one of the faults. */
plant(FAULTS);
